"""Redis servers: where the program is, and one node with its data."""
