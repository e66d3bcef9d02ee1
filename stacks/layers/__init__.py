"""What all products of an environment share."""
