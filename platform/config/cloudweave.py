"""`platform:cloudweave`: the console and API that manage cloud environments."""

from platformctl.config.base import Section


class CloudweaveConfig(Section):
    """A page behind Nginx, an API behind it, PostgreSQL and Redis behind that."""
