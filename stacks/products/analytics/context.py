"""Names that several parts of the product share."""

from platformctl.config.analytics import AnalyticsConfig
from platformctl.stacks.products.context import Context

PRODUCT = "analytics"
DATABASE = "analytics"
USERNAME = "analytics"
EVENTS_TOPIC = "analytics-events"
DEAD_LETTER_TOPIC = "analytics-events-dead-letter"
CONSUMER_GROUP = "analytics-consumers"
METRICS_NAMESPACE = "Analytics"
LAG_METRIC = "ConsumerLag"
INGESTION_PORT, API_PORT = 8080, 8000
API_PATH, HEALTH_PATH = "/v1/*", "/health"
COUNTED_RULES = ["common/SizeRestrictions_BODY"]
"""Events come in batches of more than the 8 KiB that the managed rule lets through; ingestion has
a limit of its own."""

AnalyticsContext = Context[AnalyticsConfig]
