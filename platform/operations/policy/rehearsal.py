"""Runs an environment's program on paper, so that every value that rules read is known.

In a preview, whatever is made of an id or ARN is unknown, and one unknown ARN makes a whole IAM
policy or container definition unknown. So the program is not previewed but deployed, into a state
that is thrown away, by providers that create nothing and answer with invented ids: inputs are
checked exactly as in a preview, and documents come out complete. Takes neither network, account
nor region, and leaves the recorded state alone.
"""

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from platformctl.config.loader import NAMESPACE, load_file
from platformctl.deployment.project import Project
from platformctl.engine import Backend, Engine
from platformctl.engine.state.resource import Resource
from platformctl.plugin.provider import (
    Call,
    CheckResult,
    DiffResult,
    Provider,
    ProviderFactory,
    ResourceState,
)
from platformctl.plugin.values import UNKNOWN, Properties, ResourceReference, Secret, contains
from platformctl.plugin.values import Unknown as EngineUnknown
from platformctl.policies import values as policy_values
from platformctl.provider import offline_providers, registry, schema

ACCOUNT = "000000000000"
PARALLEL = 16


def rehearse(project: Project, environment: str) -> list[dict[str, Any]]:
    """Return the resources that an environment's program makes, as `ResourceV3` objects.

    Raises:
        ConfigurationError: The stack file is wrong; names every mistake in it.
        PlatformError: The program fails.
    """
    configuration = project.configuration(environment)
    if project.name == NAMESPACE:
        load_file(project.stack_file(environment))
    with tempfile.TemporaryDirectory(prefix="platformctl-policy-") as folder:
        stack = Backend(Path(folder), secrets.token_urlsafe()).stack(environment)
        Engine(
            stack=stack,
            project=project.name,
            program=project.program,
            configuration=configuration.values,
            secret_keys=configuration.secret_keys,
            providers=paper_providers(),
            parallel=PARALLEL,
        ).up()
        return [record(each) for each in stack.read().resources]


def paper_providers() -> ProviderFactory:
    """Return the factory of providers that create nothing and invent what comes back."""
    offline = offline_providers()

    def make(package: str, configuration: Properties) -> Provider:
        return PaperProvider(package, configuration, offline(package, configuration))

    return make


class PaperProvider:
    """A provider that foretells, and invents whatever cannot be foretold.

    Args:
        package: Package whose resources it makes.
        configuration: The provider's configuration, for its region.
        offline: Checks inputs and foretells outputs.
    """

    def __init__(self, package: str, configuration: Properties, offline: Provider) -> None:
        self._package = package
        region = configuration.get("region")
        self._region = region if isinstance(region, str) and region else "us-east-1"
        self._offline = offline

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Validate and complete inputs."""
        return self._offline.check(call, old_inputs, new_inputs, random_seed)

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Foretell the resource, and invent what that leaves open."""
        foretold = self._offline.create(replace(call, preview=True), inputs)
        region = inputs.get("region") or self._region
        identity = _identity(call, region)
        types = schema.resource(call.type).outputs if self._package == "aws" else {}
        outputs = {
            key: _invented(call, key, types.get(key, "string"), region)
            if contains(value, EngineUnknown)
            else value
            for key, value in foretold.outputs.items()
        }
        if call.type == _CERTIFICATE:
            outputs["domainValidationOptions"] = _proofs(inputs)
        return ResourceState(foretold.id or identity, foretold.inputs, outputs)

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Find no difference: nothing is ever there before."""
        del call, resource_id, old_inputs, old_outputs, new_inputs, ignore_changes
        return DiffResult({})

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Return what is asked for, as if it were there."""
        return self._offline.read(call, resource_id, inputs, outputs)

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """Take the new inputs over."""
        del call, old_inputs, ignore_changes
        return ResourceState(resource_id, new_inputs, {**old_outputs, **new_inputs})

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """Nothing is there to be deleted."""

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer a data source."""
        return self._offline.invoke(token, arguments, preview=preview)


# ARNs that programs take apart, by type; the rest only need to look like one.
_ARNS: Mapping[str, str] = {
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{name}",
    "aws:msk/cluster:Cluster": "arn:aws:kafka:{region}:{account}:cluster/{name}/paper",
    "aws:rds/proxy:Proxy": "arn:aws:rds:{region}:{account}:db-proxy:prx-{name}",
    "aws:iam/role:Role": "arn:aws:iam::{account}:role/{name}",
    "aws:secretsmanager/secret:Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "aws:lambda/function:Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "aws:lambda/alias:Alias": "arn:aws:lambda:{region}:{account}:function:{name}:paper",
    "aws:wafv2/webAcl:WebAcl": "arn:aws:wafv2:{region}:{account}:global/webacl/{name}/paper",
}
_QUEUE = "aws:sqs/queue:Queue"
_SHORT = {"aws:amp/workspace:Workspace": "ws"}
"""What ids begin with where AWS takes no other."""
_CERTIFICATE = "aws:acm/certificate:Certificate"
_GLOBAL = ("iam", "route53", "cloudfront", "s3")


def _identity(call: Call, region: str) -> str:
    if call.type.startswith("aws:") and registry.spec(call.type).identity.template.lower().endswith(
        "arn"
    ):
        return _arn(call, region)
    if call.type == _QUEUE:
        return f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/{call.name}"
    return f"{_SHORT.get(call.type) or _kind(call)}-{call.name}"


def _kind(call: Call) -> str:
    return call.type.rpartition(":")[2].lower()


def _arn(call: Call, region: str) -> str:
    service = call.type.split(":")[1].partition("/")[0]
    place = "" if service in _GLOBAL else region
    pattern = _ARNS.get(call.type, "arn:aws:{service}:{place}:{account}:{kind}/{name}")
    return pattern.format(
        service=service,
        place=place,
        region=region,
        account=ACCOUNT,
        kind=_kind(call),
        name=call.name,
    )


_NUMBERS = {"boolean": False, "integer": 1, "number": 1}
_TEXTS = {"issuer": "https://issuer.paper.invalid", "version": "1", "zoneId": "Z0PAPER"}
"""Outputs that are handed on to inputs which take texts of one form only."""
_HOSTS = ("url", "endpoint", "address", "dnsname", "domainname")


def _invented(call: Call, key: str, kind: Any, region: str) -> Any:
    """Return a value of the right type that tells where it comes from."""
    if isinstance(kind, list):
        return _composed(call, key, kind, region)
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    return _text(call, key, region)


def _text(call: Call, key: str, region: str) -> str:
    if key == "arn" or key.endswith("Arn"):
        return _arn(call, region)
    if key in _TEXTS:
        return _TEXTS[key]
    if call.type == _QUEUE and key == "url":
        return _identity(call, region)
    if key.lower().endswith(_HOSTS):
        return f"{call.name}.{region}.paper.invalid"
    return f"{_kind(call)}-{call.name}"


def _composed(call: Call, key: str, kind: list[Any], region: str) -> Any:
    if kind[0] == "list":
        return [_invented(call, key, kind[1], region)]
    if kind[0] == "map":
        return {}
    members = schema.nested(kind[1]).properties
    return {name: _invented(call, name, each, region) for name, each in members.items()}


def _proofs(inputs: Properties) -> list[Properties]:
    """Return the records that prove who owns a certificate's domains; programs look them up."""
    domains = [inputs.get("domainName"), *(inputs.get("subjectAlternativeNames") or ())]
    return [
        {
            "domainName": domain,
            "resourceRecordName": f"_proof.{domain}",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": "proof.paper.invalid",
        }
        for domain in domains
    ]


def record(resource: Resource) -> dict[str, Any]:
    """Return one of the engine's resources as a `ResourceV3` object with plain values."""
    return {
        "urn": resource.urn,
        "type": resource.type,
        "custom": resource.custom,
        "id": resource.id,
        "inputs": _plain(resource.inputs),
        "outputs": _plain(resource.outputs),
        "parent": resource.parent,
        "provider": resource.provider,
        "dependencies": list(resource.dependencies),
        "propertyDependencies": resource.property_dependencies,
        "protect": resource.protect,
        "retainOnDelete": resource.retain_on_delete,
        "ignoreChanges": list(resource.ignore_changes),
        "delete": resource.delete,
        "sourcePosition": resource.source_position,
    }


def _plain(value: Any) -> Any:
    """Return a value of the engine as rules see it."""
    if value is UNKNOWN:
        return policy_values.UNKNOWN
    if isinstance(value, Secret):
        return policy_values.Secret(_plain(value.value))
    if isinstance(value, ResourceReference):
        return value.urn if value.id is None else _plain(value.id)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
