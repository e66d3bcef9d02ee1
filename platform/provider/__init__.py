"""The local AWS provider: knows AWS calls, no products."""
