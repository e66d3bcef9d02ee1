"""Amazon RDS for PostgreSQL: an instance is a running server."""
