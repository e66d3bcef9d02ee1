"""Health checks: create, describe, change, delete, and how they stand."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.route53.changes import ChangeOperations
from platformctl.region.services.route53.probing import Prober, Verdict
from platformctl.region.services.route53.records import Record, bare

ENDPOINT_TYPES = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")
TYPES = (*ENDPOINT_TYPES, "CALCULATED", "CLOUDWATCH_METRIC")
CHECKER_REGIONS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
"""Where AWS asks from; here the one probe of this machine speaks for all of them."""
_CHECKER = "127.0.0.1"
_MOST_CHILDREN = 256
_DEFAULTS: Record = {
    "RequestInterval": 30,
    "FailureThreshold": 3,
    "MeasureLatency": False,
    "Inverted": False,
    "Disabled": False,
}
_CHANGEABLE = (
    "IPAddress",
    "Port",
    "ResourcePath",
    "FullyQualifiedDomainName",
    "SearchString",
    "FailureThreshold",
    "Inverted",
    "Disabled",
    "HealthThreshold",
    "ChildHealthChecks",
    "EnableSNI",
    "Regions",
    "AlarmIdentifier",
    "InsufficientDataHealthStatus",
)


class HealthCheckOperations(ChangeOperations):
    """Operations on health checks."""

    prober: Prober

    def create_health_check(self, call: Call) -> dict[str, Any]:
        """Create a health check; the same reference and configuration again change nothing."""
        reference = call.parameters["CallerReference"]
        config = _checked({**_defaults(call), **_given(call.parameters["HealthCheckConfig"])})
        for present in self.checks().values():
            if present["CallerReference"] != reference:
                continue
            if present["Config"] == config:
                return {"HealthCheck": _described(present), "Location": _location(present)}
            raise ServiceError(
                "HealthCheckAlreadyExists",
                "A health check with the same caller reference and other settings exists.",
                409,
            )
        record: Record = {
            "Id": self.prober.new_id(),
            "CallerReference": reference,
            "Config": config,
            "Version": 1,
            "Tags": {},
        }
        self._children_must_exist(config)
        self.checks()[record["Id"]] = record
        self.prober.follow(record)
        return {"HealthCheck": _described(record), "Location": _location(record)}

    def get_health_check(self, call: Call) -> dict[str, Any]:
        """Describe a health check."""
        return {"HealthCheck": _described(self.check(call.parameters["HealthCheckId"]))}

    def list_health_checks(self, call: Call) -> dict[str, Any]:
        """List health checks."""
        del call
        found = [_described(record) for record in self.checks().values()]
        return {"HealthChecks": found, "Marker": "", "IsTruncated": False, "MaxItems": "100"}

    def get_health_check_count(self, call: Call) -> dict[str, Any]:
        """Count the health checks."""
        del call
        return {"HealthCheckCount": len(self.checks())}

    def update_health_check(self, call: Call) -> dict[str, Any]:
        """Change a health check; it is probed by the new settings from now on."""
        parameters = call.parameters
        record = self.check(parameters["HealthCheckId"])
        version = parameters.get("HealthCheckVersion")
        if version is not None and version != record["Version"]:
            raise ServiceError(
                "HealthCheckVersionMismatch",
                f"The health check is at version {record['Version']}, not {version}.",
                409,
            )
        config = dict(record["Config"])
        for element in parameters.get("ResetElements") or ():
            config.pop(element, None)
        given = _given({key: parameters.get(key) for key in _CHANGEABLE})
        config = _checked({**config, **given})
        self._children_must_exist(config)
        changed = {**record, "Config": config, "Version": record["Version"] + 1}
        self.checks()[record["Id"]] = changed
        self.prober.follow(changed)
        return {"HealthCheck": _described(changed)}

    def delete_health_check(self, call: Call) -> dict[str, Any]:
        """Delete a health check that no calculated one counts."""
        record = self.check(call.parameters["HealthCheckId"])
        for other in self.checks().values():
            if record["Id"] in (other["Config"].get("ChildHealthChecks") or ()):
                raise ServiceError(
                    "HealthCheckInUse",
                    f"The health check is a child of the health check {other['Id']}.",
                )
        self.prober.forget(record["Id"])
        del self.checks()[record["Id"]]
        return {}

    def get_health_check_status(self, call: Call) -> dict[str, Any]:
        """Say what each checker saw last."""
        record = self.check(call.parameters["HealthCheckId"])
        _endpoint_only(record)
        return {"HealthCheckObservations": _observations(record, self.prober.last(record["Id"]))}

    def get_health_check_last_failure_reason(self, call: Call) -> dict[str, Any]:
        """Say why the last probe that failed did."""
        record = self.check(call.parameters["HealthCheckId"])
        _endpoint_only(record)
        failure = self.prober.last_failure(record["Id"])
        return {"HealthCheckObservations": _observations(record, failure)}

    def _children_must_exist(self, config: Record) -> None:
        for child in config.get("ChildHealthChecks") or ():
            if bare(child) not in self.checks():
                raise ServiceError(
                    "InvalidInput",
                    f"Invalid request: the child health check {child} does not exist",
                )


def _given(config: Mapping[str, Any]) -> Record:
    return {key: value for key, value in config.items() if value is not None}


def _defaults(call: Call) -> Record:
    kind = call.parameters["HealthCheckConfig"]["Type"]
    if kind not in ENDPOINT_TYPES:
        return {"Inverted": False, "Disabled": False}
    port = {"Port": 443 if kind.startswith("HTTPS") else 80} if kind != "TCP" else {}
    return {**_DEFAULTS, "EnableSNI": kind.startswith("HTTPS"), **port}


def _checked(config: Record) -> Record:
    """Return a configuration that AWS would take.

    Raises:
        ServiceError: It would not.
    """
    for mistake in _mistakes(config):
        raise ServiceError("InvalidInput", f"Invalid request: {mistake}")
    return config


def _mistakes(config: Record) -> list[str]:
    kind = config["Type"]
    if kind not in TYPES:
        return [f"health checks of type {kind} are not in the local region"]
    if kind == "CALCULATED":
        children = config.get("ChildHealthChecks") or []
        threshold = config.get("HealthThreshold", 0)
        return _when(
            (len(children) > _MOST_CHILDREN, f"at most {_MOST_CHILDREN} child health checks"),
            (not 0 <= threshold <= _MOST_CHILDREN, "HealthThreshold must be 0 to 256"),
        )
    if kind == "CLOUDWATCH_METRIC":
        return _when(("AlarmIdentifier" not in config, "AlarmIdentifier is missing"))
    path = config.get("ResourcePath", "")
    return _when(
        (
            "IPAddress" not in config and "FullyQualifiedDomainName" not in config,
            "IPAddress or FullyQualifiedDomainName must be given",
        ),
        (config["RequestInterval"] not in (10, 30), "RequestInterval must be 10 or 30"),
        (not 1 <= config["FailureThreshold"] <= 10, "FailureThreshold must be 1 to 10"),
        (not 1 <= config.get("Port", 0) <= 65535, "Port must be 1 to 65535"),
        (kind == "TCP" and bool(path), "ResourcePath cannot be given for TCP"),
        (len(path) > 255, "ResourcePath has more than 255 characters"),
        (
            kind.endswith("_STR_MATCH") != bool(config.get("SearchString")),
            "SearchString goes with the string matching types, and only with them",
        ),
        (0 < len(config.get("Regions") or ()) < 3, "at least three Regions must be given"),
    )


def _when(*pairs: tuple[bool, str]) -> list[str]:
    return [sentence for wrong, sentence in pairs if wrong]


def _endpoint_only(record: Record) -> None:
    kind = record["Config"]["Type"]
    if kind not in ENDPOINT_TYPES:
        raise ServiceError(
            "InvalidInput", f"Invalid request: health checks of type {kind} have no checkers"
        )


def _observations(record: Record, verdict: Verdict | None) -> list[Record]:
    if verdict is None:
        return []
    report = {"Status": verdict.text, "CheckedTime": verdict.at}
    regions = record["Config"].get("Regions") or CHECKER_REGIONS
    return [{"Region": region, "IPAddress": _CHECKER, "StatusReport": report} for region in regions]


def _described(record: Record) -> Record:
    return {
        "Id": record["Id"],
        "CallerReference": record["CallerReference"],
        "HealthCheckConfig": record["Config"],
        "HealthCheckVersion": record["Version"],
    }


def _location(record: Record) -> str:
    return f"https://route53.amazonaws.com/2013-04-01/healthcheck/{record['Id']}"
