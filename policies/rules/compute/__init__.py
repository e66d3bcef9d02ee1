"""Rules about ECS, ECR, EKS and Lambda."""
