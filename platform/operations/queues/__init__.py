"""Dead-letter queues: what is in them, and how it gets back to where it came from."""
