"""Keys, security groups, secrets, roles."""
