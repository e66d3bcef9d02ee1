"""Route 53 of the local region: zones and records, health checks that probe, answers."""
