"""Stores: PostgreSQL, Redis, S3."""
