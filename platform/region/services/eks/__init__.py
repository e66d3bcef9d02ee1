"""EKS: clusters with a Kubernetes API server of our own, and pods that are processes."""
