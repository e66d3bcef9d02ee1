"""Rules about streams, queues and topics."""
