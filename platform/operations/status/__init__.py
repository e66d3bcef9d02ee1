"""What an environment is made of and how each part is doing, asked of the AWS API."""
