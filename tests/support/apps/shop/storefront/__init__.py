"""A small shop for the proofs: short and long requests, orders that are counted, WebSockets."""
