"""Building blocks that products have in common; a product itself says only its own facts."""
