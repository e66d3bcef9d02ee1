"""Releases: what a service ran, runs or may run again, recorded once and never changed."""
