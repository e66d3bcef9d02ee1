"""What brings a cluster in line with its objects; each part looks at all of them each time."""
