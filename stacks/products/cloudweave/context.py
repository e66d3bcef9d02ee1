"""Names that several parts of the product share."""

from platformctl.config.cloudweave import CloudweaveConfig
from platformctl.stacks.products.context import Context

FRONTEND, BACKEND = "frontend", "backend"
FRONTEND_PORT, BACKEND_PORT = 80, 3001
API_PATH, API_HEALTH = "/api/*", "/api/v1/health"
ASSETS = "/assets/*"
USERNAME = "cloudweave_user"

CloudweaveContext = Context[CloudweaveConfig]


def database_name(context: CloudweaveContext) -> str:
    """Return the name of the database: `cloudweave_prod` in production."""
    environment = context.shared.config.environment
    return f"cloudweave_{'prod' if environment == 'production' else environment}"
