"""Cache parameter groups; what the servers understand reaches them."""

import copy
from typing import Any

from platformctl.region.servers.redis.parameters import PARAMETERS, Parameter, applied
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elasticache.records import Records, invalid

FAMILIES = ("redis6.x", "redis7", "valkey7", "valkey8")


class ParameterGroupOperations(Records):
    """The operations on parameter groups."""

    def create_cache_parameter_group(self, call: Call) -> dict[str, Any]:
        """Create a parameter group in which every parameter has its default."""
        asked = call.parameters
        name = asked["CacheParameterGroupName"].lower()
        table = self.table(call.region, "parameter-groups")
        if name in table or name.startswith("default."):
            raise ServiceError(
                "CacheParameterGroupAlreadyExists", f"Parameter group {name} already exists."
            )
        if asked["CacheParameterGroupFamily"] not in FAMILIES:
            raise invalid(f"{asked['CacheParameterGroupFamily']} is not a valid family.")
        table[name] = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": asked["CacheParameterGroupFamily"],
            "Description": asked["Description"],
            "IsGlobal": False,
            "ARN": self.arn(call.region, "parametergroup", name),
            "values": {},
        }
        self.set_tags(call.region, table[name]["ARN"], asked.get("Tags") or ())
        return {"CacheParameterGroup": table[name]}

    def describe_cache_parameter_groups(self, call: Call) -> dict[str, Any]:
        """Describe one parameter group, or all."""
        wanted = call.parameters.get("CacheParameterGroupName")
        if wanted:
            return {"CacheParameterGroups": [self.parameter_group(call.region, wanted)]}
        built_in = [self.parameter_group(call.region, f"default.{name}") for name in FAMILIES]
        own = self.table(call.region, "parameter-groups").values()
        return {"CacheParameterGroups": [*built_in, *own]}

    def delete_cache_parameter_group(self, call: Call) -> dict[str, Any]:
        """Delete a parameter group that nothing uses."""
        record = self._changeable(call.region, call.parameters["CacheParameterGroupName"])
        name = record["CacheParameterGroupName"]
        for group in self.table(call.region, "groups").values():
            if group["parameter_group"] == name:
                raise ServiceError(
                    "InvalidCacheParameterGroupState",
                    f"The parameter group {name} is used by {group['id']}.",
                )
        self.forget_tags(call.region, record["ARN"])
        del self.table(call.region, "parameter-groups")[name]
        return {}

    def modify_cache_parameter_group(self, call: Call) -> dict[str, Any]:
        """Set parameters; the servers get them at once."""
        record = self._changeable(call.region, call.parameters["CacheParameterGroupName"])
        for one in call.parameters["ParameterNameValues"]:
            parameter, value = _known(one["ParameterName"]), one.get("ParameterValue", "")
            if not parameter.modifiable:
                raise invalid(f"The parameter {parameter.name} cannot be modified.")
            if not parameter.accepts(value):
                raise invalid(
                    f"The value {value} of {parameter.name} is not one of {parameter.allowed}."
                )
            record["values"][parameter.name] = value
        return self._changed(call.region, record)

    def reset_cache_parameter_group(self, call: Call) -> dict[str, Any]:
        """Give parameters their defaults back."""
        record = self._changeable(call.region, call.parameters["CacheParameterGroupName"])
        if call.parameters.get("ResetAllParameters"):
            record["values"] = {}
        for one in call.parameters.get("ParameterNameValues") or ():
            record["values"].pop(_known(one["ParameterName"]).name, None)
        return self._changed(call.region, record)

    def describe_cache_parameters(self, call: Call) -> dict[str, Any]:
        """Describe every parameter of a group with where its value comes from."""
        group = self.parameter_group(call.region, call.parameters["CacheParameterGroupName"])
        source = call.parameters.get("Source")
        shown = [_shown(parameter, group["values"]) for parameter in PARAMETERS.values()]
        return {"Parameters": [one for one in shown if source in {None, one["Source"]}]}

    def describe_engine_default_parameters(self, call: Call) -> dict[str, Any]:
        """Describe the defaults of a family."""
        family = call.parameters["CacheParameterGroupFamily"]
        shown = [_shown(parameter, {}) for parameter in PARAMETERS.values()]
        return {"EngineDefaults": {"CacheParameterGroupFamily": family, "Parameters": shown}}

    def parameter_group(self, region: str, reference: str) -> dict[str, Any]:
        """Return a group's record; the default ones always exist.

        Raises:
            ServiceError: There is none of that name.
        """
        name = reference.lower()
        record = self.table(region, "parameter-groups").get(name)
        if record is not None:
            return record
        family = name.removeprefix("default.").removesuffix(".cluster.on")
        if not name.startswith("default.") or family not in FAMILIES:
            raise ServiceError(
                "CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.", 404
            )
        return {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": family,
            "Description": f"Default parameter group for {family}",
            "IsGlobal": False,
            "ARN": self.arn(region, "parametergroup", name),
            "values": {},
        }

    def applied_parameters(self, region: str, name: str) -> dict[str, str]:
        """Return what the servers of a parameter group are given."""
        return applied(self.parameter_group(region, name)["values"])

    def _changeable(self, region: str, name: str) -> dict[str, Any]:
        record = self.parameter_group(region, name)
        if record["CacheParameterGroupName"].startswith("default."):
            raise invalid(f"The default parameter group {name} cannot be changed.")
        # A copy: a request that is refused half-way must not leave anything behind.
        return copy.deepcopy(record)

    def _changed(self, region: str, record: dict[str, Any]) -> dict[str, Any]:
        name = record["CacheParameterGroupName"]
        self.table(region, "parameter-groups")[name] = record
        for group in self.table(region, "groups").values():
            if group["parameter_group"] == name:
                self.plan(region, group, "settings")
        return {"CacheParameterGroupName": name}


def _known(name: str) -> Parameter:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        raise invalid(f"Could not find parameter with name: {name}")
    return parameter


def _shown(parameter: Parameter, values: dict[str, str]) -> dict[str, Any]:
    return {
        "ParameterName": parameter.name,
        "ParameterValue": values.get(parameter.name, parameter.default),
        "Source": "user" if parameter.name in values else "system",
        "DataType": parameter.kind,
        "AllowedValues": parameter.allowed,
        "IsModifiable": parameter.modifiable,
        "MinimumEngineVersion": "6.0.0",
        "ChangeType": "immediate" if parameter.immediate else "requires-reboot",
    }
