"""Lambda's event source mappings: streams and queues whose records invoke functions."""
