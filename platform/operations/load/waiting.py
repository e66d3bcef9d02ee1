"""Where events are that went in and did not come out.

The places on their way are written down in `load.yaml`; each is asked in every region of the
environment, for a name may have led the events to the region that stands ready.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from platformctl.operations.load.profile import Place, Profile

PERIOD = timedelta(minutes=1)
"""Time between two figures of the metrics that AWS itself keeps."""
REACH = timedelta(minutes=5)
"""How old a figure may be."""
REGIONS = ("region", "recovery_region")
"""Stack outputs that name the regions of an environment."""


@dataclass(frozen=True)
class Figure:
    """What one place says.

    Attributes:
        place: Its name.
        region: Where it is.
        value: The latest figure.
        sentence: The same for people.
    """

    place: str
    region: str
    value: float
    sentence: str


def find_waiting(
    profile: Profile, outputs: Mapping[str, Any], clients: Callable[[str, str], Any]
) -> list[Figure]:
    """Ask every place on the way of a product's events; those that say nothing are left out.

    Args:
        profile: The product's traffic.
        outputs: The stack's outputs.
        clients: Makes a boto3 client from service and region name.
    """
    now = datetime.now(UTC)
    found: list[Figure] = []
    for region in (str(outputs[name]) for name in REGIONS if outputs.get(name)):
        cloudwatch = clients("cloudwatch", region)
        for place in profile.places:
            value = _latest(cloudwatch, place, outputs, now)
            if value is not None:
                told = place.means.replace("{}", f"{value:,.1f}".removesuffix(".0"))
                found.append(Figure(place.name, region, value, f"{place.name} in {region}: {told}"))
    return found


def _latest(
    cloudwatch: Any, place: Place, outputs: Mapping[str, Any], now: datetime
) -> float | None:
    """Return the latest figure of a place; None where there is none."""
    dimensions = []
    for name, written in place.dimensions.items():
        output = written[1:-1] if written.startswith("{") and written.endswith("}") else None
        value = written if output is None else outputs.get(output)
        if not value:
            return None
        dimensions.append({"Name": name, "Value": str(value)})
    answer = cloudwatch.get_metric_statistics(
        Namespace=place.namespace,
        MetricName=place.metric,
        Dimensions=dimensions,
        StartTime=now - REACH,
        EndTime=now + PERIOD,
        Period=int(PERIOD.total_seconds()),
        Statistics=["Maximum"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return float(points[-1]["Maximum"]) if points else None
