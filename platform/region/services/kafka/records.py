"""What all parts of the service share: tables and look-ups."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Service, ServiceError


class Records(Service):
    """The service's records; the classes with operations build on it."""

    name = "kafka"

    def table(self, region: str, kind: str) -> Table:
        """Return the records of one kind (`clusters`, `topics`, `configurations`) by ARN."""
        return self.runtime.store.table("kafka", region, kind)

    def cluster(self, region: str, arn: str) -> dict[str, Any]:
        """Return a cluster's record.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "clusters").get(arn)
        if record is None:
            raise ServiceError(
                "NotFoundException", f"The requested resource doesn't exist: {arn}", 404
            )
        return record

    def active_cluster(self, region: str, arn: str) -> dict[str, Any]:
        """Return the record of a cluster that can be changed now.

        Raises:
            ServiceError: There is none, or it is being changed.
        """
        record = self.cluster(region, arn)
        state = record["info"]["State"]
        if state != "ACTIVE":
            raise ServiceError(
                "BadRequestException",
                f"You can't do that now because the cluster is in {state} state.",
            )
        return record

    def topics_of(self, region: str, arn: str) -> dict[str, dict[str, Any]]:
        """Return the topics of a cluster by name."""
        found = self.table(region, "topics").values()
        return {topic["TopicName"]: topic for topic in found if topic["ClusterArn"] == arn}

    def topic_arn(self, cluster_arn: str, name: str) -> str:
        """Return the ARN of a topic."""
        return f"{cluster_arn.replace(':cluster/', ':topic/')}/{name}"

    def set_tags(self, region: str, arn: str, tags: Mapping[str, str] | None) -> None:
        """Add tags to an ARN."""
        if tags:
            table = self.table(region, "tags")
            table[arn] = {**(table.get(arn) or {}), **tags}

    def tags(self, region: str, arn: str) -> dict[str, str]:
        """Return the tags of an ARN."""
        return dict(self.table(region, "tags").get(arn) or {})

    def forget_tags(self, region: str, arn: str) -> None:
        """Remove all tags of an ARN."""
        table = self.table(region, "tags")
        if arn in table:
            del table[arn]

    def changed_topics(self, region: str, arn: str) -> Any:
        """Have a cluster's brokers follow its topics; returns an awaitable."""
        raise NotImplementedError


def wrong(message: str) -> ServiceError:
    """Return the error for a parameter that cannot be."""
    return ServiceError("BadRequestException", message, 400)
