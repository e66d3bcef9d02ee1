"""Rules of listeners: create, describe, change, order, delete."""

from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2.actions import completed_actions, completed_conditions
from platformctl.region.services.elbv2.listeners import ListenerOperations
from platformctl.region.services.elbv2.records import (
    Record,
    arn,
    listing,
    new_id,
    number_between,
    region_of,
)
from platformctl.region.services.elbv2.tags import tags_of


def default_rule_arn(listener_arn: str) -> str:
    """Return the ARN of a listener's default rule, which lives in the listener's record."""
    return f"{listener_arn.replace(':listener/', ':listener-rule/', 1)}/default"


class RuleOperations(ListenerOperations):
    """Operations on rules."""

    def rule(self, resource_arn: str) -> Record:
        """Return one rule, not a default one.

        Raises:
            ServiceError: There is none.
        """
        record = self.rules(region_of(resource_arn)).get(resource_arn)
        if record is None:
            raise ServiceError("RuleNotFound", f"Rule '{resource_arn}' not found")
        return record

    async def create_rule(self, call: Call) -> dict[str, Any]:
        """Create a rule; it is in force when this returns."""
        parameters = call.parameters
        listener = self.listener(parameters["ListenerArn"])
        _transforms_are_not_offered(parameters.get("Transforms"))
        record: Record = {
            "ListenerArn": listener["ListenerArn"],
            "Priority": parameters["Priority"],
            "Conditions": completed_conditions(parameters["Conditions"]),
            "Actions": completed_actions(parameters["Actions"], self.group),
            "Tags": tags_of(parameters.get("Tags")),
        }
        number_between(record["Priority"], 1, 50000, "Priority")
        self.association_must_be_possible(listener["LoadBalancerArn"], record["Actions"])
        for other in self.rules_of(listener["ListenerArn"]):
            if other["Priority"] == record["Priority"]:
                raise ServiceError(
                    "PriorityInUse", f"Priority '{record['Priority']}' is currently in use"
                )
        name = listener["ListenerArn"].split(":listener/", 1)[1]
        record["RuleArn"] = arn(call, f"listener-rule/{name}/{new_id()}")
        self.rules(call.region)[record["RuleArn"]] = record
        await self.changed(listener["LoadBalancerArn"])
        return {"Rules": [_described(record)]}

    def describe_rules(self, call: Call) -> dict[str, Any]:
        """List the rules of a listener, the default one last, or those asked for."""
        if arns := call.parameters.get("RuleArns"):
            shown = [self._rule_or_default(item) for item in arns]
        elif listener_arn := call.parameters.get("ListenerArn"):
            listener = self.listener(listener_arn)
            shown = [_described(rule) for rule in self.rules_of(listener_arn)]
            shown.append(_default(listener))
        else:
            raise ServiceError(
                "ValidationError", "You must specify either rule ARNs or a listener ARN"
            )
        return listing(call, shown, "Rules")

    async def modify_rule(self, call: Call) -> dict[str, Any]:
        """Change conditions or actions; what is not given stays."""
        parameters = call.parameters
        resource_arn = parameters["RuleArn"]
        _transforms_are_not_offered(parameters.get("Transforms"))
        if resource_arn.endswith("/default"):
            raise ServiceError(
                "OperationNotPermitted", f"Default rule '{resource_arn}' cannot be modified"
            )
        record = dict(self.rule(resource_arn))
        listener = self.listener(record["ListenerArn"])
        if parameters.get("Conditions"):
            record["Conditions"] = completed_conditions(parameters["Conditions"])
        if parameters.get("Actions"):
            record["Actions"] = completed_actions(parameters["Actions"], self.group)
            self.association_must_be_possible(listener["LoadBalancerArn"], record["Actions"])
        self.rules(call.region)[resource_arn] = record
        await self.changed(listener["LoadBalancerArn"])
        return {"Rules": [_described(record)]}

    async def delete_rule(self, call: Call) -> dict[str, Any]:
        """Delete a rule."""
        resource_arn = call.parameters["RuleArn"]
        if resource_arn.endswith("/default"):
            raise ServiceError(
                "OperationNotPermitted", f"Default rule '{resource_arn}' cannot be deleted"
            )
        record = self.rule(resource_arn)
        listener = self.listener(record["ListenerArn"])
        del self.rules(call.region)[resource_arn]
        await self.changed(listener["LoadBalancerArn"])
        return {}

    async def set_rule_priorities(self, call: Call) -> dict[str, Any]:
        """Change the order of rules, all at once: two may swap."""
        wanted = {item["RuleArn"]: item["Priority"] for item in call.parameters["RulePriorities"]}
        records = [self.rule(item) for item in wanted]
        for listener_arn in {record["ListenerArn"] for record in records}:
            priorities = [
                wanted.get(rule["RuleArn"], rule["Priority"])
                for rule in self.rules_of(listener_arn)
            ]
            if len(set(priorities)) < len(priorities):
                raise ServiceError("PriorityInUse", "A priority would be used by two rules")
        for priority in wanted.values():
            number_between(priority, 1, 50000, "Priority")
        changed = [{**record, "Priority": wanted[record["RuleArn"]]} for record in records]
        for record in changed:
            self.rules(call.region)[record["RuleArn"]] = record
        for listener_arn in {record["ListenerArn"] for record in records}:
            await self.changed(self.listener(listener_arn)["LoadBalancerArn"])
        return {"Rules": [_described(record) for record in changed]}

    def _rule_or_default(self, resource_arn: str) -> Record:
        if resource_arn.endswith("/default"):
            listener_arn = resource_arn.removesuffix("/default").replace(
                ":listener-rule/", ":listener/", 1
            )
            return _default(self.listener(listener_arn))
        return _described(self.rule(resource_arn))


def _transforms_are_not_offered(transforms: Any) -> None:
    if transforms:
        raise ServiceError(
            "InvalidConfigurationRequest", "Rule transforms are not in the local region"
        )


def _described(record: Record) -> Record:
    return {
        "RuleArn": record["RuleArn"],
        "Priority": str(record["Priority"]),
        "Conditions": record["Conditions"],
        "Actions": record["Actions"],
        "IsDefault": False,
    }


def _default(listener: Record) -> Record:
    return {
        "RuleArn": default_rule_arn(listener["ListenerArn"]),
        "Priority": "default",
        "Conditions": [],
        "Actions": listener["DefaultActions"],
        "IsDefault": True,
    }
