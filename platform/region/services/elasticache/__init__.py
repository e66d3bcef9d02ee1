"""Amazon ElastiCache for Redis: a replication group is running servers."""
