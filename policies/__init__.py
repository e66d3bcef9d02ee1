"""Policy as code for platform stacks."""
