"""A Kubernetes API server: objects, versions, patches, watches; every client works on it."""
