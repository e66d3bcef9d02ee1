"""Figures of speed and size; `make bench` prints them as one table."""
