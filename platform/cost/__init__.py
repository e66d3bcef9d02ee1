"""Price table and estimator."""
