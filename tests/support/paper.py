"""A cloud on paper: the engine runs a program against it, and what it registered can be read.

It creates nothing and refuses nothing; its outputs are words that name resource and property, so
that a test can tell what was wired to what.
"""

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from platformctl.engine import Backend, Engine
from platformctl.plugin.provider import DiffKind, DiffResult, ResourceState
from platformctl.plugin.values import UNKNOWN, reveal
from platformctl.provider import offline_providers

REPOSITORY = Path(__file__).resolve().parents[2]
ACCOUNT = "000000000000"
OUTPUTS = (
    *("address", "arn", "arnSuffix", "bootstrapBrokers", "bootstrapBrokersSaslIam"),
    *("bootstrapBrokersTls", "bucketRegionalDomainName", "dnsName", "domainName", "endpoint"),
    *("fqdn", "hex", "hostedZoneId", "keyId", "name", "bucket", "prefixListId"),
    *("primaryEndpointAddress", "readerEndpointAddress", "repositoryUrl", "resourceId", "result"),
    *("arnWithoutRevision", "prometheusEndpoint", "registryId"),
    *("secretArn", "readerEndpoint", "streamArn", "url", "version", "zoneId"),
)
# Changes that make a new resource, as far as these tests are about them.
REPLACES = {
    "aws:ec2/subnet:Subnet": {"availabilityZone", "cidrBlock", "vpcId"},
    "aws:ec2/vpc:Vpc": {"cidrBlock"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"subnetId"},
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": {"subnetId", "networkAclId"},
    "aws:ec2/natGateway:NatGateway": {"subnetId", "allocationId"},
    "aws:ec2/route:Route": {"routeTableId", "destinationCidrBlock"},
}


# What stands for a real value: outputs (`Queue/events/url`, `arn:aws:Topic/alerts`), and what
# tests write in their place (`arn:topic`, `arn:aws:kafka:us-east-1:1:cluster/a`).
STANDS_FOR = re.compile(r"\b[A-Z][A-Za-z0-9]*/[a-z]|\barn:(?!aws)|:1:")


def _as_unknown(value):
    """Return inputs in which what only stands for a real value is not known yet."""
    if isinstance(value, dict):
        return {key: _as_unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_unknown(item) for item in value]
    return UNKNOWN if isinstance(value, str) and STANDS_FOR.search(value) else value


class Paper:
    """A provider for everything; inputs are checked as the local region's provider checks them.

    What stands for a real value is no ARN, so rules take it for not known, as in a preview.
    """

    def __init__(self, package):
        self.real = offline_providers()(package, {"region": "us-east-1"})

    def check(self, call, old_inputs, new_inputs, random_seed):
        result = self.real.check(call, old_inputs, new_inputs, random_seed)
        if result.failures:
            known = _as_unknown(new_inputs)
            failures = self.real.check(call, old_inputs, known, random_seed).failures
            return replace(result, failures=failures)
        return result

    def diff(self, call, resource_id, old_inputs, old_outputs, new_inputs, ignore_changes):
        changed = {
            key
            for key in old_inputs.keys() | new_inputs.keys()
            if key not in ignore_changes and old_inputs.get(key) != new_inputs.get(key)
        }
        replaces = sorted(changed & REPLACES.get(call.type, set()))
        return DiffResult(dict.fromkeys(changed, DiffKind.UPDATE), replaces)

    def create(self, call, inputs):
        identity = f"{call.type.rpartition(':')[2]}/{call.name}"
        outputs = {name: f"{identity}/{name}" for name in OUTPUTS}
        outputs |= {"arn": f"arn:aws:{identity}", "latestRevision": 1}
        if call.type == "aws:msk/cluster:Cluster":
            outputs["arn"] = f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/{call.name}/uuid"
        if call.type == "aws:rds/proxy:Proxy":
            outputs["arn"] = f"arn:aws:rds:us-east-1:{ACCOUNT}:db-proxy:prx-1"
        if call.type == "aws:route53/zone:Zone":
            outputs["nameServers"] = [f"ns-{number}.example.test" for number in range(1, 5)]
        if call.type == "aws:eks/cluster:Cluster":
            issuer = f"https://oidc.eks.us-east-1.amazonaws.com/id/{call.name}"
            network = {"clusterSecurityGroupId": f"sg-{call.name}", "vpcId": "vpc-1"}
            outputs["certificateAuthority"] = {"data": "Zm9v"}
            outputs["identities"] = [{"oidcs": [{"issuer": issuer}]}]
            inputs = {**inputs, "vpcConfig": {**inputs["vpcConfig"], **network}}
        if call.type == "aws:acm/certificate:Certificate":
            outputs["domainValidationOptions"] = [
                {
                    "domainName": domain,
                    "resourceRecordName": f"_proof.{domain}",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "proof",
                }
                for domain in [inputs["domainName"], *inputs.get("subjectAlternativeNames", [])]
            ]
        return ResourceState(identity, inputs, {**outputs, **inputs})

    def read(self, call, resource_id, inputs, outputs):
        return ResourceState(resource_id, inputs, outputs)

    def update(self, call, resource_id, old_inputs, old_outputs, new_inputs, ignore_changes):
        return ResourceState(resource_id, new_inputs, {**old_outputs, **new_inputs})

    def delete(self, call, resource_id, inputs, outputs):
        return None

    def invoke(self, token, arguments, *, preview):
        assert token == "aws:index/getCallerIdentity:getCallerIdentity", token
        return {"accountId": ACCOUNT, "arn": "arn:caller", "id": ACCOUNT, "userId": "user"}


@dataclass(frozen=True)
class Planned:
    """One resource that a program registered.

    Attributes:
        type: Type token.
        name: Logical name.
        parent: URN of its parent.
        inputs: Its inputs, secrets revealed.
        outputs: Its outputs, or what a component registered.
        protect: Whether it is protected.
        custom: Whether it is a resource rather than a component.
        provider: Name of its provider: `default`, or an explicit one's.
        urn: Its URN.
        depends_on: URNs of the resources that it waits for.
    """

    type: str
    name: str
    parent: str | None
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    protect: bool
    custom: bool
    provider: str
    urn: str
    depends_on: tuple[str, ...]


class Plan:
    """Everything that a program registered."""

    def __init__(self, resources):
        self.resources = [
            Planned(
                type=each.type,
                name=each.name,
                parent=each.parent,
                inputs=reveal(each.inputs),
                outputs=reveal(each.outputs),
                protect=each.protect,
                custom=each.custom,
                provider=(each.provider or "").rpartition("::")[0].rpartition("::")[2],
                urn=each.urn,
                depends_on=tuple(each.dependencies),
            )
            for each in resources
        ]

    def all(self, kind):
        """Return the resources whose type ends so: `Instance`, or `rds/instance:Instance`."""
        return [
            each
            for each in self.resources
            if each.custom and each.type.endswith(kind) and each.type[-len(kind) - 1] in ":/"
        ]

    def one(self, kind, name):
        """Return the one resource of a kind and name."""
        (found,) = [each for each in self.all(kind) if each.name == name]
        return found

    def names(self, kind):
        return sorted(each.name for each in self.all(kind))

    @property
    def outputs(self):
        """The stack's outputs."""
        (stack,) = [each for each in self.resources if each.type == "pulumi:pulumi:Stack"]
        return stack.outputs


def document(text):
    """Parse an input that is JSON text."""
    return json.loads(text)


class PaperProject:
    """A project whose program runs against the cloud on paper."""

    def __init__(self, folder, *, project="shop", stack="dev"):
        self.folder = Path(folder)
        self.program = self.folder / "program"
        self.program.mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        self.project = project
        self.stack = Backend(self.folder / "state", "passphrase").stack(stack)

    def write(self, source):
        header = "import pulumi\nimport pulumi_aws as aws\nfrom platformctl.components import *\n"
        (self.program / "__main__.py").write_text(header + textwrap.dedent(source))

    def engine(self, configuration=None, program=None):
        return Engine(
            self.stack,
            self.project,
            program or self.program,
            lambda package, configuration: Paper(package),
            configuration=configuration or {},
            parallel=8,
            on_event=lambda event: None,
        )

    def up(self, source=None, **options):
        """Run the program and return what it registered."""
        if source is not None:
            self.write(source)
        self.engine(**options).up()
        return Plan(self.stack.read().resources)

    def preview(self, source):
        """Return what a changed program would do, by kind of step."""
        self.write(source)
        return self.engine().preview()


def stack_configuration(stack):
    """Return a stack file's configuration as Pulumi hands it to a program."""
    entries = yaml.safe_load((REPOSITORY / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in entries.items()
    }
