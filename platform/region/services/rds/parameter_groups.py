"""DB parameter groups: what of them reaches the server, and when."""

import copy
from collections.abc import Mapping
from typing import Any

from platformctl.region.servers.postgres.configuration import FIXED, NOT_APPLIED, applies
from platformctl.region.servers.postgres.installation import installation_for
from platformctl.region.servers.postgres.parameters import Parameter, parameters
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.engine import LATEST_MINOR, family_of
from platformctl.region.services.rds.records import Records

FAMILIES = tuple(f"postgres{major}" for major in LATEST_MINOR)
OWN = {
    "rds.force_ssl": Parameter(
        "rds.force_ssl", "sighup", "BOOLEAN", "1", "0", "1", "Force SSL connections."
    ),
    "rds.logical_replication": Parameter(
        "rds.logical_replication", "postmaster", "BOOLEAN", "0", "0", "1", "Logical replication."
    ),
    "rds.log_retention_period": Parameter(
        "rds.log_retention_period", "sighup", "INTEGER", "4320", "1440", "10080", "Log retention."
    ),
}
"""RDS's own parameters."""
_EXTENSIONS = (
    "pg_stat_statements.",
    "auto_explain.",
    "pgaudit.",
    "pg_cron.",
    "cron.",
    "pglogical.",
)


class ParameterGroupOperations(Records):
    """The operations on parameter groups."""

    def create_db_parameter_group(self, call: Call) -> dict[str, Any]:
        """Create a parameter group in which every parameter has its default."""
        name = call.parameters["DBParameterGroupName"].lower()
        family = call.parameters["DBParameterGroupFamily"]
        table = self.table(call.region, "parameter-groups")
        if name in table or name.startswith("default."):
            raise ServiceError(
                "DBParameterGroupAlreadyExists", f"Parameter group {name} already exists"
            )
        if family not in FAMILIES:
            raise ServiceError(
                "InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid family"
            )
        arn = self.arn(call.region, "pg", name)
        table[name] = {
            "DBParameterGroupName": name,
            "DBParameterGroupFamily": family,
            "Description": call.parameters["Description"],
            "DBParameterGroupArn": arn,
            "values": {},
            "methods": {},
        }
        self.set_tags(call.region, arn, call.parameters.get("Tags") or ())
        return {"DBParameterGroup": table[name]}

    def describe_db_parameter_groups(self, call: Call) -> dict[str, Any]:
        """Describe one parameter group, or all."""
        wanted = call.parameters.get("DBParameterGroupName")
        if wanted:
            return {"DBParameterGroups": [self.parameter_group(call.region, wanted)]}
        built_in = [self.parameter_group(call.region, f"default.{family}") for family in FAMILIES]
        own = self.table(call.region, "parameter-groups").values()
        return {"DBParameterGroups": [*built_in, *own]}

    def delete_db_parameter_group(self, call: Call) -> dict[str, Any]:
        """Delete a parameter group that no instance uses."""
        name = call.parameters["DBParameterGroupName"].lower()
        self._changeable(call.region, name)
        used = any(
            record["parameter_group"] == name
            for record in self.table(call.region, "instances").values()
        )
        if used:
            raise ServiceError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted",
            )
        self.forget_tags(call.region, self.arn(call.region, "pg", name))
        del self.table(call.region, "parameter-groups")[name]
        return {}

    def modify_db_parameter_group(self, call: Call) -> dict[str, Any]:
        """Set parameters; dynamic ones reach the servers at once, static ones at a reboot."""
        record = self._changeable(call.region, call.parameters["DBParameterGroupName"])
        known = self.known_parameters(record["DBParameterGroupFamily"])
        for one in call.parameters["Parameters"]:
            parameter = _modifiable(known, one["ParameterName"])
            method = one.get("ApplyMethod", "pending-reboot")
            if parameter.static and method == "immediate":
                raise ServiceError(
                    "InvalidParameterCombination",
                    f"cannot use immediate apply method for static parameter: {parameter.name}",
                )
            _check_value(parameter, one.get("ParameterValue", ""))
            record["values"][parameter.name] = one.get("ParameterValue", "")
            record["methods"][parameter.name] = method
        return self._changed(call.region, record)

    def reset_db_parameter_group(self, call: Call) -> dict[str, Any]:
        """Give parameters their defaults back."""
        record = self._changeable(call.region, call.parameters["DBParameterGroupName"])
        if call.parameters.get("ResetAllParameters") or not call.parameters.get("Parameters"):
            names = list(record["values"])
        else:
            names = [one["ParameterName"] for one in call.parameters["Parameters"]]
        for name in names:
            record["values"].pop(name, None)
            record["methods"].pop(name, None)
        return self._changed(call.region, record)

    def describe_db_parameters(self, call: Call) -> dict[str, Any]:
        """Describe every parameter of a group with where its value comes from."""
        group = self.parameter_group(call.region, call.parameters["DBParameterGroupName"])
        source = call.parameters.get("Source")
        shown = [
            _shown(parameter, group)
            for parameter in self.known_parameters(group["DBParameterGroupFamily"]).values()
        ]
        chosen = [one for one in shown if source is None or one["Source"] == source]
        return {"Parameters": chosen}

    def describe_engine_default_parameters(self, call: Call) -> dict[str, Any]:
        """Describe the defaults of a family."""
        family = call.parameters["DBParameterGroupFamily"]
        group = {"values": {}, "methods": {}}
        shown = [_shown(parameter, group) for parameter in self.known_parameters(family).values()]
        return {"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": shown}}

    def parameter_group(self, region: str, reference: str) -> dict[str, Any]:
        """Return a group's record; the default ones always exist.

        Raises:
            ServiceError: There is none of that name.
        """
        name = reference.rpartition(":pg:")[2].lower()
        record = self.table(region, "parameter-groups").get(name)
        if record is not None:
            return record
        family = name.removeprefix("default.")
        if name.startswith("default.") and family in FAMILIES:
            return {
                "DBParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "Description": f"Default parameter group for {family}",
                "DBParameterGroupArn": self.arn(region, "pg", name),
                "values": {},
                "methods": {},
            }
        raise ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")

    def fitting_group(self, region: str, name: str, version: str) -> str:
        """Return the name of a group that fits an engine version.

        Raises:
            ServiceError: There is none, or it is for another major version.
        """
        group = self.parameter_group(region, name)
        if group["DBParameterGroupFamily"] != family_of(version):
            raise ServiceError(
                "InvalidParameterCombination",
                f"The Parameter Group {name} with DBParameterGroupFamily "
                f"{group['DBParameterGroupFamily']} cannot be used for this instance. Please use "
                f"a Parameter Group with DBParameterGroupFamily {family_of(version)}",
            )
        return group["DBParameterGroupName"]

    def parameter_values(self, region: str, record: Mapping[str, Any]) -> dict[str, str]:
        """Return what an instance's parameter group sets, by name."""
        return dict(self.parameter_group(region, record["parameter_group"])["values"])

    def known_parameters(self, family: str) -> dict[str, Parameter]:
        """Return every parameter of a family by name, RDS's own included."""
        installation = installation_for(int(family.removeprefix("postgres")))
        return {**parameters(installation), **OWN}

    def must_encrypt(self, region: str, record: Mapping[str, Any]) -> bool:
        """Say whether clients of an instance have to use TLS: the default since version 15."""
        value = self.parameter_values(region, record).get("rds.force_ssl")
        if value is None:
            return int(record["shape"]["EngineVersion"].partition(".")[0]) >= 15
        return value in {"1", "on", "true"}

    def _changeable(self, region: str, reference: str) -> dict[str, Any]:
        record = self.parameter_group(region, reference)
        if record["DBParameterGroupName"].startswith("default."):
            raise ServiceError(
                "InvalidParameterValue",
                f"The parameter {record['DBParameterGroupName']} is a default parameter group and "
                "cannot be changed.",
            )
        # A copy: a request that is refused half-way must not leave anything behind.
        return copy.deepcopy(record)

    def _changed(self, region: str, record: dict[str, Any]) -> dict[str, Any]:
        name = record["DBParameterGroupName"]
        self.table(region, "parameter-groups")[name] = record
        for instance in self.table(region, "instances").values():
            if instance["parameter_group"] == name:
                self.plan(region, instance, "parameters")
        return {"DBParameterGroupName": name}


def static_values(known: Mapping[str, Parameter], values: Mapping[str, str]) -> dict[str, str]:
    """Return those values that a server only takes at its start."""
    return {
        name: value
        for name, value in values.items()
        if name in known and known[name].static and (applies(name, value) or name in OWN)
    }


def _modifiable(known: Mapping[str, Parameter], name: str) -> Parameter:
    parameter = known.get(name)
    if parameter is None and name.startswith(_EXTENSIONS):
        return Parameter(name, "sighup", "STRING", "", "", "", "Set by an extension.")
    if parameter is None:
        raise ServiceError("InvalidParameterValue", f"Could not find parameter with name: {name}")
    if name in FIXED or parameter.context == "internal":
        raise ServiceError("InvalidParameterValue", f"The parameter {name} cannot be modified.")
    return parameter


def _check_value(parameter: Parameter, value: str) -> None:
    """Refuse a number outside of the parameter's range; formulas and units are left to RDS."""
    if parameter.kind not in {"INTEGER", "REAL"} or not parameter.minimum:
        return
    try:
        number = float(value)
    except ValueError:
        return
    if not float(parameter.minimum) <= number <= float(parameter.maximum):
        raise ServiceError(
            "InvalidParameterValue",
            f"Invalid parameter value: {value} for: {parameter.name} allowed values are: "
            f"{parameter.minimum}-{parameter.maximum}",
        )


def _shown(parameter: Parameter, group: Mapping[str, Any]) -> dict[str, Any]:
    own = parameter.name in group["values"]
    ranged = f"{parameter.minimum}-{parameter.maximum}" if parameter.minimum else None
    fixed = parameter.name in FIXED or parameter.context == "internal"
    return {
        "ParameterName": parameter.name,
        "ParameterValue": group["values"].get(parameter.name),
        "Description": parameter.description,
        "Source": "user"
        if own
        else "system"
        if parameter.name in NOT_APPLIED
        else "engine-default",
        "ApplyType": "static" if parameter.static else "dynamic",
        "DataType": parameter.kind.lower(),
        "AllowedValues": ranged,
        "IsModifiable": not fixed,
        "ApplyMethod": group["methods"].get(parameter.name, "pending-reboot"),
    }
