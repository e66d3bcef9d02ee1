"""Tags and account settings."""

from typing import Any

from platformctl.region.runtime import Table
from platformctl.region.services.base import Call
from platformctl.region.services.ecs.names import invalid, tags_from
from platformctl.region.services.ecs.operations import Operations

TABLES = {
    "cluster": "clusters",
    "service": "services",
    "task": "tasks",
    "task-definition": "task-definitions",
    "capacity-provider": "capacity-providers",
}
SETTINGS = {
    "containerInsights": "disabled",
    "serviceLongArnFormat": "enabled",
    "taskLongArnFormat": "enabled",
    "containerInstanceLongArnFormat": "enabled",
    "awsvpcTrunking": "disabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "tagResourceAuthorization": "off",
    "guardDutyActivate": "off",
    "defaultLogDriverMode": "non-blocking",
}


class TagOperations(Operations):
    """The operations on tags and account settings."""

    def _tagged(self, call: Call) -> tuple[Table, str]:
        kind, _, name = call.parameters["resourceArn"].split(":", 5)[-1].partition("/")
        if kind not in TABLES:
            raise invalid("The specified resource ARN is not valid.")
        # A task's record is found by its id alone; a service's by cluster and name.
        key = name.rsplit("/", 1)[-1] if kind == "task" else name
        table = self.runtime.store.table("ecs", call.region, TABLES[kind])
        if key not in table:
            raise invalid("The specified resource was not found.")
        return table, key

    def tag_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to a resource or change them."""
        table, key = self._tagged(call)
        added = tags_from(call.parameters)
        names = {tag["key"] for tag in added}
        kept = [tag for tag in table[key]["tags"] if tag["key"] not in names]
        table[key] = {**table[key], "tags": [*kept, *added]}
        return {}

    def untag_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from a resource."""
        table, key = self._tagged(call)
        gone = set(call.parameters["tagKeys"])
        kept = [tag for tag in table[key]["tags"] if tag["key"] not in gone]
        table[key] = {**table[key], "tags": kept}
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """Return the tags of a resource."""
        table, key = self._tagged(call)
        return {"tags": table[key]["tags"]}

    def put_account_setting(self, call: Call) -> dict[str, Any]:
        """Record an account setting."""
        name, value = call.parameters["name"], call.parameters["value"]
        if name not in SETTINGS:
            raise invalid(f"The account setting {name} is not in the local region.")
        self.runtime.store.table("ecs", call.region, "settings")[name] = {"value": value}
        return {"setting": self._setting(name, value)}

    def put_account_setting_default(self, call: Call) -> dict[str, Any]:
        """Record an account setting; locally there is one principal."""
        return self.put_account_setting(call)

    def list_account_settings(self, call: Call) -> dict[str, Any]:
        """List the account settings, in effect or as they were set."""
        own = self.runtime.store.table("ecs", call.region, "settings")
        values = {name: own[name]["value"] for name in own.keys()}  # noqa: SIM118  # a table, no dict
        if call.parameters.get("effectiveSettings"):
            values = {**SETTINGS, **values}
        wanted = call.parameters.get("name")
        return {
            "settings": [
                self._setting(name, value)
                for name, value in values.items()
                if wanted in {None, name}
            ]
        }

    def _setting(self, name: str, value: str) -> dict[str, Any]:
        root = f"arn:aws:iam::{self.runtime.account}:root"
        return {"name": name, "value": value, "principalArn": root, "type": "user"}
