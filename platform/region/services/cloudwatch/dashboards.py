"""Dashboards: kept as they are written, after a look at their JSON."""

import json
from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.paging import page


class DashboardOperations(Service):
    """The operations on dashboards."""

    name = "cloudwatch"
    scope = "monitoring"

    def dashboards(self, region: str) -> Table:
        """Return the records of all dashboards of a region, by name."""
        return self.runtime.store.table("cloudwatch", region, "dashboards")

    def put_dashboard(self, call: Call) -> dict[str, Any]:
        """Create or replace a dashboard."""
        name, body = call.parameters["DashboardName"], call.parameters["DashboardBody"]
        mistakes = _mistakes(body)
        if mistakes:
            raise ServiceError("InvalidParameterInput", " ".join(mistakes))
        table = self.dashboards(call.region)
        before = table.get(name) or {"Tags": {}}
        table[name] = {
            "DashboardName": name,
            "DashboardArn": f"arn:aws:cloudwatch::{self.runtime.account}:dashboard/{name}",
            "DashboardBody": body,
            "LastModified": self.runtime.now(),
            "Size": len(body.encode()),
            "Tags": {**before["Tags"], **_tags(call)},
        }
        return {"DashboardValidationMessages": []}

    def get_dashboard(self, call: Call) -> dict[str, Any]:
        """Return a dashboard with its body."""
        record = self._existing_dashboard(call, call.parameters["DashboardName"])
        return {key: record[key] for key in ("DashboardArn", "DashboardBody", "DashboardName")}

    def list_dashboards(self, call: Call) -> dict[str, Any]:
        """List dashboards by prefix."""
        prefix = call.parameters.get("DashboardNamePrefix") or ""
        found = [
            {key: record[key] for key in ("DashboardName", "DashboardArn", "LastModified", "Size")}
            for record in sorted(
                self.dashboards(call.region).values(), key=lambda record: record["DashboardName"]
            )
            if record["DashboardName"].startswith(prefix)
        ]
        token = call.parameters.get("NextToken")
        shown, more = page(found, 100, token, error="InvalidParameterValue")
        return (
            {"DashboardEntries": shown, "NextToken": more} if more else {"DashboardEntries": shown}
        )

    def delete_dashboards(self, call: Call) -> dict[str, Any]:
        """Delete dashboards; all of them must exist."""
        names = call.parameters["DashboardNames"]
        for name in names:
            self._existing_dashboard(call, name)
        for name in names:
            del self.dashboards(call.region)[name]
        return {}

    def _existing_dashboard(self, call: Call, name: str) -> dict[str, Any]:
        record = self.dashboards(call.region).get(name)
        if record is None:
            raise ServiceError("ResourceNotFound", f"Dashboard {name} does not exist", 404)
        return record


def _tags(call: Call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags") or ()}


def _mistakes(body: str) -> list[str]:
    try:
        document = json.loads(body)
    except ValueError as error:
        return [f"The dashboard body is not JSON: {error}."]
    widgets = document.get("widgets") if isinstance(document, dict) else None
    if not isinstance(widgets, list):
        return ["The dashboard body needs a list of widgets."]
    return [
        f"Widget {number} needs a type and properties."
        for number, widget in enumerate(widgets)
        if not isinstance(widget, dict) or not {"type", "properties"} <= widget.keys()
    ]
