"""Tags on load balancers, target groups, listeners and rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2.records import Record, Records, region_of

_MOST_TAGS = 50


def tags_of(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return a tag list as a dict.

    Raises:
        ServiceError: A key occurs twice, or there are too many.
    """
    result: dict[str, str] = {}
    for tag in tags or ():
        if tag["Key"] in result:
            raise ServiceError("DuplicateTagKeys", f"Tag key '{tag['Key']}' occurs more than once")
        result[tag["Key"]] = tag.get("Value") or ""
    if len(result) > _MOST_TAGS:
        raise ServiceError("TooManyTags", f"A resource may have {_MOST_TAGS} tags: {len(result)}")
    return result


class TagOperations(Records):
    """AddTags, RemoveTags, DescribeTags."""

    def _tagged(self, resource_arn: str) -> tuple[Table, Record]:
        """Return a resource of any kind and the table it is in."""
        region = region_of(resource_arn)
        kind = resource_arn.split(":", 5)[5].partition("/")[0]
        table, missing = {
            "loadbalancer": (self.load_balancers(region), "LoadBalancerNotFound"),
            "targetgroup": (self.groups(region), "TargetGroupNotFound"),
            "listener": (self.listeners(region), "ListenerNotFound"),
            "listener-rule": (self.rules(region), "RuleNotFound"),
        }.get(kind, (self.load_balancers(region), "LoadBalancerNotFound"))
        record = table.get(resource_arn)
        if record is None:
            raise ServiceError(missing, f"'{resource_arn}' not found")
        return table, record

    def add_tags(self, call: Call) -> dict[str, Any]:
        """Add or overwrite tags."""
        for resource_arn in call.parameters["ResourceArns"]:
            table, record = self._tagged(resource_arn)
            merged = {**record["Tags"], **tags_of(call.parameters["Tags"])}
            tags_of([{"Key": key, "Value": value} for key, value in merged.items()])
            table[resource_arn] = {**record, "Tags": merged}
        return {}

    def remove_tags(self, call: Call) -> dict[str, Any]:
        """Remove tags by key."""
        for resource_arn in call.parameters["ResourceArns"]:
            table, record = self._tagged(resource_arn)
            gone = set(call.parameters["TagKeys"])
            kept = {key: value for key, value in record["Tags"].items() if key not in gone}
            table[resource_arn] = {**record, "Tags": kept}
        return {}

    def describe_tags(self, call: Call) -> dict[str, Any]:
        """List the tags of up to twenty resources."""
        return {
            "TagDescriptions": [
                {
                    "ResourceArn": resource_arn,
                    "Tags": [
                        {"Key": key, "Value": value}
                        for key, value in self._tagged(resource_arn)[1]["Tags"].items()
                    ],
                }
                for resource_arn in call.parameters["ResourceArns"]
            ]
        }
