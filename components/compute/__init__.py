"""Containers: images, clusters, services, scaling."""
