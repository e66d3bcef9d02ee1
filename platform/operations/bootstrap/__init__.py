"""What an AWS account needs before anything can be deployed into it: state, keys, a deploy role."""
