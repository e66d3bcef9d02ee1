"""`platform:journey`: user journeys, recorded and analysed as they happen."""

from platformctl.config.base import Section


class JourneyConfig(Section):
    """Events through Kinesis into DynamoDB, watched live on a dashboard."""
