"""The real programs behind the region's data services: PostgreSQL, Redis, Kafka, their front."""
