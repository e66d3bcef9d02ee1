"""Rules about logs, alarms, backups, and everything."""
