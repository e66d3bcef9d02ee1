"""Kubernetes objects as data: which kinds there are, what each may say. Knows no cluster."""
