"""`platform:aura`: the encrypted journal on Kubernetes."""

from platformctl.config.base import Section


class AuraConfig(Section):
    """Journaling services on EKS with PostgreSQL, DocumentDB and Redis."""
