"""Rules about roles, keys and secrets."""
