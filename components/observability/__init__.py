"""Logs, alarms, dashboards, and who is told."""
