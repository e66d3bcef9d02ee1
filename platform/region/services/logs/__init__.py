"""The part of CloudWatch Logs that the region serves itself: metric filters."""
