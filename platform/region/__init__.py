"""The local region: knows AWS's behaviour, no Pulumi."""
