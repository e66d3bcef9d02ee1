"""Listeners: create, describe, change, delete, and their certificates."""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2 import attributes, policies
from platformctl.region.services.elbv2.actions import completed_actions
from platformctl.region.services.elbv2.records import (
    Record,
    Records,
    arn,
    groups_in,
    label,
    listing,
    new_id,
    number_between,
)
from platformctl.region.services.elbv2.tags import tags_of


class ListenerOperations(Records):
    """Operations on listeners."""

    async def create_listener(self, call: Call) -> dict[str, Any]:
        """Create a listener; it listens when this returns."""
        parameters = call.parameters
        balancer = self.load_balancer(parameters["LoadBalancerArn"])
        port, protocol = parameters.get("Port"), parameters.get("Protocol")
        if port is None or protocol is None:
            raise ServiceError("ValidationError", "A listener must have a port and a protocol")
        record: Record = {
            "LoadBalancerArn": balancer["LoadBalancerArn"],
            "Port": port,
            "Protocol": protocol,
            "DefaultActions": completed_actions(parameters["DefaultActions"], self.group),
            "Attributes": attributes.defaults(attributes.LISTENER),
            "Tags": tags_of(parameters.get("Tags")),
            **await self._tls(call, protocol, parameters, {}),
        }
        name = label(balancer["LoadBalancerArn"])
        record["ListenerArn"] = arn(call, f"listener/{name}/{new_id()}")
        self._port_must_be_free(record)
        self.association_must_be_possible(record["LoadBalancerArn"], record["DefaultActions"])
        self.listeners(call.region)[record["ListenerArn"]] = record
        await self.changed(balancer["LoadBalancerArn"])
        error = self.listener_error(record)
        if error:
            # Nobody could reach it: better no listener and a reason than a listener in name only.
            del self.listeners(call.region)[record["ListenerArn"]]
            await self.changed(balancer["LoadBalancerArn"])
            raise ServiceError("InvalidConfigurationRequest", error)
        return {"Listeners": [_described(record)]}

    def describe_listeners(self, call: Call) -> dict[str, Any]:
        """List the listeners of a load balancer, or those asked for."""
        if arns := call.parameters.get("ListenerArns"):
            records = [self.listener(item) for item in arns]
        elif user := call.parameters.get("LoadBalancerArn"):
            self.load_balancer(user)
            records = self.listeners_of(user)
        else:
            raise ServiceError(
                "ValidationError", "You must specify either listener ARNs or a load balancer ARN"
            )
        return listing(call, [_described(record) for record in records], "Listeners")

    async def modify_listener(self, call: Call) -> dict[str, Any]:
        """Change a listener; what is not given stays. New weights are in force on return."""
        parameters = call.parameters
        before = self.listener(parameters["ListenerArn"])
        record = dict(before)
        if parameters.get("DefaultActions"):
            record["DefaultActions"] = completed_actions(parameters["DefaultActions"], self.group)
            self.association_must_be_possible(record["LoadBalancerArn"], record["DefaultActions"])
        record["Port"] = parameters.get("Port") or record["Port"]
        record["Protocol"] = parameters.get("Protocol") or record["Protocol"]
        for key in ("SslPolicy", "Certificates", "ExtraCertificates"):
            record.pop(key, None)
        record |= await self._tls(call, record["Protocol"], parameters, before)
        self._port_must_be_free(record)
        table = self.listeners(call.region)
        table[record["ListenerArn"]] = record
        await self.changed(record["LoadBalancerArn"])
        error = self.listener_error(record)
        if error:
            table[record["ListenerArn"]] = before
            await self.changed(record["LoadBalancerArn"])
            raise ServiceError("InvalidConfigurationRequest", error)
        return {"Listeners": [_described(record)]}

    async def delete_listener(self, call: Call) -> dict[str, Any]:
        """Delete a listener with its rules."""
        record = self.listener(call.parameters["ListenerArn"])
        for rule in self.rules_of(record["ListenerArn"]):
            del self.rules(call.region)[rule["RuleArn"]]
        del self.listeners(call.region)[record["ListenerArn"]]
        await self.changed(record["LoadBalancerArn"])
        return {}

    def describe_listener_attributes(self, call: Call) -> dict[str, Any]:
        """List the attributes of a listener."""
        record = self.listener(call.parameters["ListenerArn"])
        return {"Attributes": attributes.pairs(record["Attributes"])}

    async def modify_listener_attributes(self, call: Call) -> dict[str, Any]:
        """Change attributes, such as the headers set on answers."""
        record = self.listener(call.parameters["ListenerArn"])
        changed = attributes.changed(
            attributes.LISTENER, record["Attributes"], call.parameters["Attributes"]
        )
        await self._write(call, {**record, "Attributes": changed})
        return {"Attributes": attributes.pairs(changed)}

    def describe_listener_certificates(self, call: Call) -> dict[str, Any]:
        """List the certificates of a listener, the default one first."""
        record = self.listener(call.parameters["ListenerArn"])
        shown = [
            {"CertificateArn": item["CertificateArn"], "IsDefault": default}
            for member, default in (("Certificates", True), ("ExtraCertificates", False))
            for item in record.get(member, [])
        ]
        return listing(call, shown, "Certificates")

    async def add_listener_certificates(self, call: Call) -> dict[str, Any]:
        """Add certificates that clients choose by server name."""
        record = self.listener(call.parameters["ListenerArn"])
        extra = {item["CertificateArn"]: item for item in record.get("ExtraCertificates", [])}
        for given in call.parameters["Certificates"]:
            certificate = await self._certificate(call, given["CertificateArn"])
            extra[certificate["CertificateArn"]] = certificate
        await self._write(call, {**record, "ExtraCertificates": list(extra.values())})
        return {
            "Certificates": [
                {"CertificateArn": item["CertificateArn"], "IsDefault": False}
                for item in call.parameters["Certificates"]
            ]
        }

    async def remove_listener_certificates(self, call: Call) -> dict[str, Any]:
        """Remove certificates; the default one stays."""
        record = self.listener(call.parameters["ListenerArn"])
        gone = {item["CertificateArn"] for item in call.parameters["Certificates"]}
        if gone & {item["CertificateArn"] for item in record.get("Certificates", [])}:
            raise ServiceError("OperationNotPermitted", "The default certificate cannot be removed")
        extra = record.get("ExtraCertificates", [])
        kept = [item for item in extra if item["CertificateArn"] not in gone]
        await self._write(call, {**record, "ExtraCertificates": kept})
        return {}

    def describe_ssl_policies(self, call: Call) -> dict[str, Any]:
        """List security policies."""
        names = call.parameters.get("Names") or list(policies.POLICIES)
        for name in names:
            _policy_must_exist(name)
        items = [
            {
                "Name": name,
                "SslProtocols": policies.POLICIES[name][0],
                "Ciphers": [
                    {"Name": cipher, "Priority": priority + 1}
                    for priority, cipher in enumerate(policies.POLICIES[name][1])
                ],
                "SupportedLoadBalancerTypes": ["application"],
            }
            for name in names
        ]
        return listing(call, items, "SslPolicies")

    # -- parts

    async def _write(self, call: Call, record: Record) -> None:
        self.listeners(call.region)[record["ListenerArn"]] = record
        await self.changed(record["LoadBalancerArn"])

    def _port_must_be_free(self, record: Record) -> None:
        number_between(record["Port"], 1, 65535, "Port")
        for other in self.listeners_of(record["LoadBalancerArn"]):
            if other["Port"] == record["Port"] and other["ListenerArn"] != record["ListenerArn"]:
                raise ServiceError(
                    "DuplicateListener",
                    f"A listener already exists on port {record['Port']} for this load balancer",
                )

    def association_must_be_possible(
        self, load_balancer_arn: str, actions: Sequence[Record]
    ) -> None:
        """Refuse target groups that another load balancer forwards to.

        Raises:
            ServiceError: A group has another load balancer already.
        """
        for group_arn in groups_in(actions):
            if any(user != load_balancer_arn for user in self.users_of(group_arn)):
                raise ServiceError(
                    "TargetGroupAssociationLimit",
                    "The following target groups cannot be associated with more than one load "
                    f"balancer: {group_arn}",
                )

    async def _tls(
        self, call: Call, protocol: str, given: Mapping[str, Any], before: Mapping[str, Any]
    ) -> Record:
        """Return the TLS members of a listener."""
        if protocol == "HTTP":
            if given.get("Certificates") or given.get("SslPolicy"):
                raise ServiceError(
                    "InvalidConfigurationRequest", "An HTTP listener takes no certificate or policy"
                )
            return {}
        if protocol != "HTTPS":
            raise ServiceError(
                "UnsupportedProtocol",
                f"Protocol '{protocol}' is not supported; use HTTP or HTTPS",
            )
        policy = given.get("SslPolicy") or before.get("SslPolicy") or policies.DEFAULT
        _policy_must_exist(policy)
        certificates = before.get("Certificates", [])
        if given.get("Certificates"):
            arns = [item["CertificateArn"] for item in given["Certificates"]]
            if len(arns) > 1:
                raise ServiceError("TooManyCertificates", "Give exactly one default certificate")
            certificates = [await self._certificate(call, arns[0])]
        if not certificates:
            raise ServiceError("ValidationError", "A certificate must be specified for HTTPS")
        extra = before.get("ExtraCertificates", [])
        return {"SslPolicy": policy, "Certificates": certificates, "ExtraCertificates": extra}

    async def _certificate(self, call: Call, certificate_arn: str) -> Record:
        """Look up the names of a certificate."""
        try:
            answer = await self.runtime.call(
                "acm", call.region, "describe_certificate", {"CertificateArn": certificate_arn}
            )
        except ClientError as error:
            raise ServiceError(
                "CertificateNotFound", f"Certificate '{certificate_arn}' not found"
            ) from error
        certificate = answer["Certificate"]
        names = [certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])]
        return {"CertificateArn": certificate_arn, "Names": list(dict.fromkeys(names))}

    def listener_error(self, record: Record) -> str:
        """Return why a listener cannot listen; "" while it can."""
        raise NotImplementedError


def _policy_must_exist(name: str) -> None:
    if name not in policies.POLICIES:
        raise ServiceError("SSLPolicyNotFound", f"SSL policy '{name}' not found")


def _described(record: Record) -> Record:
    hidden = ("Attributes", "Tags", "ExtraCertificates", "Certificates")
    shown = {key: value for key, value in record.items() if key not in hidden}
    if certificates := record.get("Certificates"):
        shown["Certificates"] = [
            {"CertificateArn": item["CertificateArn"]} for item in certificates
        ]
    return shown
