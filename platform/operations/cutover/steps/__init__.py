"""The steps of a cutover, one file each."""
