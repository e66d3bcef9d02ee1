"""Checks of machine, tools and configuration before anything starts."""
