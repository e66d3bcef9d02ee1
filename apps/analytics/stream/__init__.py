"""The stream of events: what an event is and how to reach Kafka."""
