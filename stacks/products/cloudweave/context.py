"""Names that several parts of the product share."""

from platformctl.config.cloudweave import CloudweaveConfig
from platformctl.stacks.products.context import Context

FRONTEND, BACKEND = "frontend", "backend"
FRONTEND_PORT, BACKEND_PORT = 80, 3001
API_PATH, API_HEALTH = "/api/*", "/api/v1/health"
ASSETS = "/assets/*"
USERNAME = "cloudweave_user"
PAGE_HEALTH = "/health"
PARAMETERS = {
    # gp3 answers a random read about as fast as the next one in a row.
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "idle_in_transaction_session_timeout": "60000",
    "log_lock_waits": "1",
}
STATIC_PARAMETERS = {"shared_preload_libraries": "pg_stat_statements"}

CloudweaveContext = Context[CloudweaveConfig]


def database_name(context: CloudweaveContext) -> str:
    """Return the name of the database: `cloudweave_prod` in production."""
    environment = context.shared.config.environment
    return f"cloudweave_{'prod' if environment == 'production' else environment}"
