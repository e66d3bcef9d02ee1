"""Answers questions about the events, from the read replica and a cache."""
