"""Stores: PostgreSQL, Redis, DocumentDB, DynamoDB, S3, and the backups of them all."""
