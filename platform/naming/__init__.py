"""Names, tags and CIDR slots: pure functions and tables."""
