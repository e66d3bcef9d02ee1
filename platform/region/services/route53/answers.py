"""What a name server would answer: TestDNSAnswer.

The record sets of a name are narrowed down by health and then by their routing. A record set is
healthy when its health check is, and, for an alias that evaluates its target, when the target is:
a load balancer with a healthy target in every target group that has any, or another record set.
Where nothing is healthy, Route 53 answers as if all were. The asker is in us-east-1.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.region.ports import reachable
from platformctl.region.runtime import Address
from platformctl.region.services.base import Call
from platformctl.region.services.cloudfront.service import ContentDelivery
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.elbv2.records import groups_in, region_of
from platformctl.region.services.elbv2.service import LoadBalancing
from platformctl.region.services.route53.health_checks import HealthCheckOperations
from platformctl.region.services.route53.records import Record, absolute, bare

LATENCY = {
    "us-east-1": 1,
    "us-east-2": 12,
    "ca-central-1": 15,
    "us-west-1": 62,
    "us-west-2": 65,
    "eu-west-1": 68,
    "eu-west-2": 76,
    "eu-central-1": 90,
    "sa-east-1": 114,
    "ap-northeast-1": 150,
    "ap-south-1": 190,
    "ap-southeast-1": 215,
    "ap-southeast-2": 200,
}
"""Milliseconds from us-east-1, about as AWS measures them; unknown regions are the farthest."""
_FARTHEST = 1000
_MOST_VALUES = 8
_DEEPEST = 32
"""Aliases of aliases that are followed; more means that they go in circles."""


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        code: `NOERROR` or `NXDOMAIN`.
        data: The values.
    """

    code: str
    data: Sequence[str] = ()


class AnswerOperations(HealthCheckOperations):
    """TestDNSAnswer, and what it needs to know about health."""

    async def test_dns_answer(self, call: Call) -> dict[str, Any]:
        """Answer a query as a name server would."""
        parameters = call.parameters
        zone = self.zone(parameters["HostedZoneId"])
        name, kind = absolute(parameters["RecordName"]), parameters["RecordType"]
        answer = self.resolve(zone, name, kind)
        await self.log_query(zone, name, kind, answer.code)
        return {
            "Nameserver": "ns-1.local.test",
            "RecordName": name,
            "RecordType": kind,
            "RecordData": list(answer.data),
            "ResponseCode": answer.code,
            "Protocol": "UDP",
        }

    async def log_query(self, zone: Record, name: str, kind: str, code: str) -> None:
        """Write a query to the log group of its zone, if it has one."""
        raise NotImplementedError

    def resolve(self, zone: Record, name: str, kind: str, depth: int = 0) -> Answer:
        """Return the answer to a query in a zone."""
        if depth > _DEEPEST:
            return Answer("SERVFAIL")
        sets = _sets_of(zone, name)
        if not sets:
            return Answer("NXDOMAIN")
        of_kind = [each for each in sets if each["Type"] == kind]
        if not of_kind:
            of_kind = [each for each in sets if each["Type"] == "CNAME"]
        data: list[str] = []
        for chosen in self._chosen(zone, of_kind, depth):
            if "AliasTarget" not in chosen:
                data += [item["Value"] for item in chosen["ResourceRecords"]]
                continue
            data += self._follow(zone, chosen, kind, depth).data
        return Answer("NOERROR", data)

    def addresses(self, host: str, port: int) -> list[Address]:
        """Return where a port of a host name listens, as far as this region knows the name."""
        name = absolute(host)
        if name == "localhost.":
            return [Address("127.0.0.1", port)]
        if name.rstrip(".").replace(".", "").isdigit():
            return [Address(name.rstrip("."), port)]
        zones = [
            zone
            for zone in self.zones().values()
            if name == zone["Name"] or name.endswith(f".{zone['Name']}")
        ]
        if not zones:
            return []
        answer = self.resolve(max(zones, key=lambda zone: len(zone["Name"])), name, "A")
        return [reachable(value, port) for value in answer.data]

    # -- health

    def is_healthy(self, identity: str, depth: int = 0) -> bool:
        """Return whether a health check counts as healthy; a disabled one always does."""
        record = self.checks().get(bare(identity))
        if record is None or depth > _DEEPEST:
            return True
        config = record["Config"]
        if config["Disabled"]:
            return not config["Inverted"]
        if config["Type"] == "CALCULATED":
            children = config.get("ChildHealthChecks") or ()
            healthy = sum(self.is_healthy(child, depth + 1) for child in children)
            state = healthy >= config.get("HealthThreshold", len(children))
        elif config["Type"] == "CLOUDWATCH_METRIC":
            state = self._alarm_is_quiet(record)
        else:
            state = self.prober.state(record["Id"])
        return state != config["Inverted"]

    def _alarm_is_quiet(self, record: Record) -> bool:
        config = record["Config"]
        alarm = config["AlarmIdentifier"]
        table = self.runtime.service(Monitoring).alarms(alarm["Region"])
        state = (table.get(alarm["Name"]) or {}).get("StateValue", "INSUFFICIENT_DATA")
        if state != "INSUFFICIENT_DATA":
            self.last_alarm_states[record["Id"]] = state == "OK"
            return state == "OK"
        wanted = config.get("InsufficientDataHealthStatus", "LastKnownStatus")
        if wanted == "LastKnownStatus":
            return self.last_alarm_states.get(record["Id"], True)
        return wanted == "Healthy"

    last_alarm_states: dict[str, bool]

    def _set_is_healthy(self, zone: Record, record_set: Record, depth: int) -> bool:
        check = record_set.get("HealthCheckId")
        if check and not self.is_healthy(check):
            return False
        alias = record_set.get("AliasTarget")
        if alias is None or not alias["EvaluateTargetHealth"]:
            return True
        if bare(alias["HostedZoneId"]) == zone["Id"]:
            sets = [
                each
                for each in _sets_of(zone, alias["DNSName"])
                if each["Type"] == record_set["Type"]
            ]
            return depth > _DEEPEST or any(
                self._set_is_healthy(zone, each, depth + 1) for each in sets
            )
        arns = self._balancers_named(alias["DNSName"])
        return not arns or any(self._balancer_is_healthy(arn) for arn in arns)

    def _balancers_named(self, dns_name: str) -> list[str]:
        name = dns_name.rstrip(".").removeprefix("dualstack.")
        balancing = self.runtime.service(LoadBalancing)
        return [
            record["LoadBalancerArn"]
            for region in self.runtime.store.regions(balancing.name)
            for record in balancing.load_balancers(region).values()
            if record["DNSName"].lower() == name
        ]

    def _balancer_is_healthy(self, arn: str) -> bool:
        balancing = self.runtime.service(LoadBalancing)
        if self.runtime.is_stopped(region_of(arn)):
            return False
        groups: set[str] = set()
        for listener in balancing.listeners_of(arn):
            groups.update(groups_in(listener["DefaultActions"]))
            for rule in balancing.rules_of(listener["ListenerArn"]):
                groups.update(groups_in(rule["Actions"]))
        states = [
            [target.state for target in balancing.target_health(group)] for group in sorted(groups)
        ]
        used = [each for each in states if each]
        return bool(used) and all("healthy" in each for each in used)

    # -- routing

    def _chosen(self, zone: Record, sets: Sequence[Record], depth: int) -> list[Record]:
        """Return the record sets that answer, of those of one name and type."""
        if not sets:
            return []
        healthy = [each for each in sets if self._set_is_healthy(zone, each, depth)]
        first = sets[0]
        if "Failover" in first:
            by_side = {each["Failover"]: each for each in sets}
            order = [by_side[side] for side in ("PRIMARY", "SECONDARY") if side in by_side]
            return [next((each for each in order if each in healthy), order[0])]
        usable = healthy or list(sets)
        if "Weight" in first:
            return [_by_weight(usable)]
        if "Region" in first:
            return [min(usable, key=lambda each: LATENCY.get(each["Region"], _FARTHEST))]
        if "GeoLocation" in first:
            return _by_place(usable)
        if "MultiValueAnswer" in first:
            return usable[:_MOST_VALUES]
        return [first]

    def _follow(self, zone: Record, record_set: Record, kind: str, depth: int) -> Answer:
        """Return the answer of an alias's target."""
        alias = record_set["AliasTarget"]
        if bare(alias["HostedZoneId"]) == zone["Id"]:
            return self.resolve(zone, alias["DNSName"], kind, depth + 1)
        name = alias["DNSName"].rstrip(".")
        for distribution in self.runtime.service(ContentDelivery).distributions().values():
            host, _, port = distribution["DomainName"].partition(":")
            if name in (host, f"{host}:{port}"):
                return Answer("NOERROR", [host])
        return Answer("NOERROR", [name.removeprefix("dualstack.")])


def _sets_of(zone: Record, name: str) -> list[Record]:
    """Return the record sets of a name, else those of the nearest wildcard above it."""
    named = [each for each in zone["RecordSets"] if each["Name"] == name]
    above = name
    while not named and "." in above and above != zone["Name"]:
        above = above.partition(".")[2]
        if any(_is_at_or_under(each["Name"], above) for each in zone["RecordSets"]):
            named = [each for each in zone["RecordSets"] if each["Name"] == f"*.{above}"]
            break
    return named


def _is_at_or_under(name: str, above: str) -> bool:
    return name == above or name.endswith(f".{above}")


def _by_weight(sets: Sequence[Record]) -> Record:
    weights = [each["Weight"] for each in sets]
    return random.choices(sets, weights if any(weights) else None)[0]


def _by_place(sets: Iterable[Record]) -> list[Record]:
    """Return the record set for an asker in the United States, else the default one."""
    by_code = {
        each["GeoLocation"].get("CountryCode") or each["GeoLocation"].get("ContinentCode"): each
        for each in sets
    }
    found = by_code.get("US") or by_code.get("NA") or by_code.get("*")
    return [found] if found else []
