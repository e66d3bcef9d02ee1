"""Names that several parts of the product share."""

from platformctl.config.journey import JourneyConfig
from platformctl.stacks.products.context import Context

API, WEBSOCKET, USER_APP, DASHBOARD = "api", "websocket", "user-app", "dashboard"
API_PORT, WEBSOCKET_PORT, PAGE_PORT = 8080, 8081, 80
HEALTH_PATH = "/health"
API_PATHS, WEBSOCKET_PATHS, DASHBOARD_PATHS = ["/api/*"], ["/ws", "/ws/*"], ["/dashboard/*"]
PROCESSOR = "event-processor"
METRICS_NAMESPACE = "Journey"
RAW_EVENTS, AGGREGATIONS = "raw-events/", "processed-data/aggregations/"
EXPORTS, APPLICATION_LOGS = "backups/dynamodb-exports/", "logs/application-logs/"

JourneyContext = Context[JourneyConfig]


def environment(context: JourneyContext) -> str:
    """Return the environment's short name, as the tables, the stream and the bucket bear it."""
    name = context.shared.config.environment
    return "prod" if name == "production" else name


def table_name(context: JourneyContext, table: str) -> str:
    """Return the name of a table: `prod-UserEvents` in production."""
    return f"{environment(context)}-{table}"


def stream_name(context: JourneyContext) -> str:
    """Return the name of the stream: `user-events-prod` in production."""
    return f"user-events-{environment(context)}"
