"""The local AWS provider: a table of resource types, and the few words to read it by.

Read in this order: `spec` (what a row says), `identity` and `templates` (its small languages),
`services/` (the rows), `handler` (what is done with them), `aws` (the face to the engine).
"""

from platformctl.provider.factory import local_providers, offline_providers

__all__ = ["local_providers", "offline_providers"]
