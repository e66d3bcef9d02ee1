"""Rotates secrets: a Lambda function that Secrets Manager calls in four steps."""
