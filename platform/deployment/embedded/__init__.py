"""The embedded engine joined to the local AWS provider and the local region."""
