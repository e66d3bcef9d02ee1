"""What a service is, found in what was deployed: its sides, and which of them serves."""
