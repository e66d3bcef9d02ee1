"""Amazon DocumentDB, which AWS serves from the API of RDS."""
