"""ECS with its agent: desired counts become processes, deployments roll, failures show."""
