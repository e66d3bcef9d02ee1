"""Moves events from Kafka into PostgreSQL: each one once, none lost."""
