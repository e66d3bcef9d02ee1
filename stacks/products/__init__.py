"""The products, one module each."""
