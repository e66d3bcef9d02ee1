"""Reusable Pulumi components."""
