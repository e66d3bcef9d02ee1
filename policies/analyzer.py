"""The rules behind Pulumi's `Analyzer` protocol, for the official engine as for ours.

pulumi-policy converts every resource once for every registered policy, which takes most of a
millisecond. So only four policies are registered, and the rules are dispatched here:

1. `mend` sees a resource first, with its secrets marked, and fills in pure defaults;
2. `collect` keeps the inputs that the resource ends up with;
3. `mandatory` and `advisory` judge the whole stack at the end and name the real rule.

Everything is judged at the end because only then waivers that the program makes are known. That
is early enough: an update that violates a mandatory rule is refused in its preview.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Secret,
    StackValidationArgs,
    StackValidationPolicy,
)

from platformctl.policies import values, waivers
from platformctl.policies.check import check
from platformctl.policies.remediation import Mended, mend
from platformctl.policies.report import Finding
from platformctl.policies.settings import settings_for
from platformctl.policies.view import ResourceView, canonical, default_tags, stack_view

NAME = "platformctl"
_CONFIGURATION = PolicyConfigSchema(
    properties={
        "environment": {
            "type": "string",
            "description": "Whose levels and figures apply; the stack's name by default.",
        }
    }
)


def policy_pack(folder: Path) -> PolicyPack:
    """Register the pack.

    Args:
        folder: Where it is. `waivers.yaml` in it holds for the project that it is a part of.
    """
    pack = _Pack(folder)
    return PolicyPack(
        name=NAME,
        enforcement_level=EnforcementLevel.ADVISORY,
        policies=[
            ResourceValidationPolicy(
                name="mend",
                description="Pure defaults that are not set are filled in, outside of production.",
                remediate=pack.mend,
                enforcement_level=EnforcementLevel.REMEDIATE,
                config_schema=_CONFIGURATION,
            ),
            ResourceValidationPolicy(
                name="collect",
                description="Resources are judged when all of them are known.",
                validate=pack.collect,
            ),
            StackValidationPolicy(
                name="mandatory",
                description="Mandatory rules are kept.",
                validate=pack.mandatory,
                enforcement_level=EnforcementLevel.MANDATORY,
                config_schema=_CONFIGURATION,
            ),
            StackValidationPolicy(
                name="advisory",
                description="Advisory rules are kept.",
                validate=pack.advisory,
                enforcement_level=EnforcementLevel.ADVISORY,
                config_schema=_CONFIGURATION,
            ),
        ],
    )


class _Pack:
    """What is remembered from the first resource to the end of the stack."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._marked: dict[str, Any] = {}
        self._mended: list[Mended] = []

    def mend(self, args: ResourceValidationArgs) -> Any:
        """Fill in defaults; return nothing where there is nothing to fill in."""
        told = _plain(args.props)
        self._marked[args.urn] = told
        resource = ResourceView(
            urn=args.urn,
            type=canonical(args.resource_type),
            properties=told,
            default_tags=default_tags(_plain(args.provider.props)) if args.provider else {},
        )
        mended = list(mend(resource, settings_for(_environment(args.get_config()))))
        self._mended += mended
        for each in mended:
            args.props[each.path] = each.value  # pyright: ignore[reportIndexIssue]
        return args.props if mended else None

    def collect(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Keep the inputs of a resource, with what is secret marked again."""
        del report
        final = _plain(args.props)
        self._inputs[args.urn] = _with_secrets(final, self._marked.get(args.urn))

    def mandatory(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report what refuses the deployment."""
        for finding in self._findings(args):
            if finding.blocks:
                report(_message(finding), finding.urn)

    def advisory(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Report everything else: advice, what is not known yet, what was waived or mended."""
        for finding in self._findings(args):
            if not finding.blocks:
                report(_message(finding), finding.urn)
        for each in self._mended:
            report(f"[{each.rule}] {each.path} was set to {values.shown(each.value)}", each.urn)

    def _findings(self, args: StackValidationArgs) -> Sequence[Finding]:
        environment = _environment(args.get_config())
        stack = stack_view(self._records(args.resources))
        return check(stack, environment, self._waivers(environment)).findings

    def _waivers(self, environment: str) -> list[waivers.Waiver]:
        """Return the waivers beside the pack, where these are about the project at hand."""
        project = self._folder.parent / "Pulumi.yaml"
        said = yaml.safe_load(project.read_text()) if project.is_file() else {}
        if said.get("name") != pulumi.get_project():
            return []
        return waivers.load(self._folder / "waivers.yaml", environment)

    def _records(self, resources: Sequence[PolicyResource]) -> list[dict[str, Any]]:
        providers = {
            each.provider.urn: {
                "urn": each.provider.urn,
                "type": each.provider.resource_type,
                "inputs": _plain(each.provider.props),
            }
            for each in resources
            if each.provider
        }
        return [*providers.values(), *(self._record(each) for each in resources)]

    def _record(self, resource: PolicyResource) -> dict[str, Any]:
        provider = f"{resource.provider.urn}::" if resource.provider else ""
        return {
            "urn": resource.urn,
            "type": resource.resource_type,
            "custom": resource.provider is not None,
            "inputs": self._inputs.get(resource.urn, {}),
            "outputs": _plain(resource.props),
            "parent": resource.parent.urn if resource.parent else "",
            "provider": provider,
            "dependencies": [each.urn for each in resource.dependencies],
            "propertyDependencies": {
                key: [each.urn for each in sources]
                for key, sources in resource.property_dependencies.items()
            },
            "protect": resource.opts.protect,
            "ignoreChanges": resource.opts.ignore_changes,
        }


def _environment(configuration: Mapping[str, Any]) -> str:
    return configuration.get("environment") or pulumi.get_stack()


def _message(finding: Finding) -> str:
    waived = f"waived until {finding.waiver.until}: " if finding.waiver else ""
    return f"[{finding.rule}] {waived}{finding.message}"


def _plain(value: Any) -> Any:
    """Take pulumi-policy's wrappers off a value, which raise when something unknown is read."""
    if isinstance(value, Secret):
        return values.Secret(_plain(value.value))
    if isinstance(value, Mapping):
        target = value if isinstance(value, dict) else value["__target"]
        return {key: _plain(member) for key, member in target.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        proxy: Any = value
        target = value if isinstance(value, list) else proxy["__target"]
        return [_plain(member) for member in target]
    return values.read(value)


def _with_secrets(final: Any, told: Any) -> Any:
    """Mark in the final inputs what was secret before: `Analyze` is told plain values."""
    if isinstance(told, values.Secret):
        return values.Secret(final)
    if isinstance(final, dict) and isinstance(told, dict):
        return {key: _with_secrets(member, told.get(key)) for key, member in final.items()}
    if isinstance(final, list) and isinstance(told, list) and len(final) == len(told):
        return [_with_secrets(*pair) for pair in zip(final, told, strict=True)]
    return final
