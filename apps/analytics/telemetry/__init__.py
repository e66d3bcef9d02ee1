"""What every service of the product shares: settings, logs, metrics, health and the HTTP server."""
