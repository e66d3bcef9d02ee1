"""Service Quotas: what an account may have of everything, as of a new one."""
