"""Streams and queues: Kafka, SQS."""
