"""What the services of an environment have written, from CloudWatch Logs."""
