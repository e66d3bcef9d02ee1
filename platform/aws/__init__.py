"""Sessions, endpoint, waiters and gateways to AWS."""
