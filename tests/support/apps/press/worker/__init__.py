"""A consumer as small as can be: it does numbered pieces of work while it is its side's turn."""
