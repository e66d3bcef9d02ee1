"""Amazon MSK: a cluster is running brokers."""
