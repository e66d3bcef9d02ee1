"""Dashboards as tables of graphs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

GRID_WIDTH, GRAPHS_IN_A_ROW, GRAPH_HEIGHT, HEADING_HEIGHT = 24, 3, 6, 1


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One line of a graph.

    Attributes:
        namespace: CloudWatch namespace.
        name: Name of the metric.
        dimensions: Its dimensions.
        statistic: Statistic, such as `Sum`, `Average` or `p95`.
        label: Text beside the line; the metric's name without it.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Average"
    label: str | None = None

    def entry(self) -> list[Any]:
        """Return the line as CloudWatch writes it."""
        pairs = [part for pair in self.dimensions.items() for part in pair]
        options = {"stat": self.statistic, "label": self.label or self.name}
        return [self.namespace, self.name, *pairs, options]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One graph.

    Attributes:
        title: Its heading.
        metrics: Its lines.
        period: Seconds of a point.
    """

    title: str
    metrics: Sequence[Metric]
    period: int = 60


@dataclass(frozen=True, kw_only=True)
class DashboardArgs(Args):
    """What a dashboard shows.

    Attributes:
        dashboard_name: Its name in CloudWatch.
        region: Region of the metrics.
        sections: Heading → graphs, three to a row.
    """

    dashboard_name: str
    region: str
    sections: Mapping[str, Sequence[Graph]]

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for heading, graphs in self.sections.items():
            if not graphs:
                yield f"section {heading!r} has no graphs"


class Dashboard(Component):
    """A CloudWatch dashboard of sections with graphs.

    Example::

        Dashboard("shop", DashboardArgs(dashboard_name="shop", region="us-east-1", sections={
            "Database": [Graph(title="CPU", metrics=[Metric(namespace="AWS/RDS", ...)])]}))

    Monthly cost: $3 for each dashboard after the third.

    Attributes:
        dashboard_name: Its name.
    """

    dashboard_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:Dashboard", name, args, opts)
        body = pulumi.Output.json_dumps({"widgets": widgets(args.sections, args.region)})
        self.dashboard = self.child(
            "", aws.cloudwatch.Dashboard, dashboard_name=args.dashboard_name, dashboard_body=body
        )
        self.dashboard_name = self.dashboard.dashboard_name
        self.finish("dashboard_name")


def widgets(sections: Mapping[str, Sequence[Graph]], region: str) -> list[dict[str, Any]]:
    """Lay sections out from top to bottom, their graphs from left to right."""
    placed: list[dict[str, Any]] = []
    width, y = GRID_WIDTH // GRAPHS_IN_A_ROW, 0
    for heading, graphs in sections.items():
        placed.append(
            {
                "type": "text",
                "x": 0,
                "y": y,
                "width": GRID_WIDTH,
                "height": HEADING_HEIGHT,
                "properties": {"markdown": f"# {heading}"},
            }
        )
        y += HEADING_HEIGHT
        for number, graph in enumerate(graphs):
            row, column = divmod(number, GRAPHS_IN_A_ROW)
            placed.append(
                {
                    "type": "metric",
                    "x": column * width,
                    "y": y + row * GRAPH_HEIGHT,
                    "width": width,
                    "height": GRAPH_HEIGHT,
                    "properties": {
                        "title": graph.title,
                        "region": region,
                        "view": "timeSeries",
                        "period": graph.period,
                        "metrics": [metric.entry() for metric in graph.metrics],
                    },
                }
            )
        y += -(-len(graphs) // GRAPHS_IN_A_ROW) * GRAPH_HEIGHT
    return placed
