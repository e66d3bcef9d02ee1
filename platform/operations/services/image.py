"""Image references."""


def repository_of(image: str) -> str:
    """Return the repository that an image reference names, without its registry."""
    path = image.partition("@")[0]
    registry, slash, below = path.partition("/")
    return (below if slash else registry).partition(":")[0]
