"""The event processor: user events from Kinesis into DynamoDB, each exactly once."""
