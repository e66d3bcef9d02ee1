"""The database of events: its tables and how to reach it."""
