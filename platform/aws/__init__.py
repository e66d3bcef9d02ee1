"""How the platform talks to AWS: clients, and the guard that keeps local work local."""
