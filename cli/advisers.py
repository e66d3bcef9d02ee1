"""Who looks at a proposed change besides the engine: what it costs, and what the policies say."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from platformctl.deployment.advice import Advice, Proposal
from platformctl.deployment.project import Project
from platformctl.errors import PolicyViolationError

if TYPE_CHECKING:
    from platformctl.policies.report import Report


def cost(project: Project, proposal: Proposal) -> Advice | None:
    """Tell what the change does to the bill; nothing where there is none."""
    from platformctl.cli.views.cost import difference_lines
    from platformctl.cost.book import price_book
    from platformctl.cost.difference import difference

    if project.is_local(proposal.environment):
        return None
    kind = project.kind(proposal.environment)
    changed = difference(proposal.preview.steps, price_book("aws"), kind)
    return Advice(title="Cost", lines=difference_lines(changed))


def policies(project: Project, proposal: Proposal) -> Advice | None:
    """Judge what would be there; refuse where a mandatory policy is violated."""
    from platformctl.operations.policy.checking import check_document

    environment = proposal.environment
    document = {"steps": list(proposal.preview.steps)}
    kind = project.kind(environment)
    report = check_document(document, "the preview", environment, project.root, kind)
    return _advice(report, environment, f"the policies refuse {environment}")


def settled_policies(
    project: Project, environment: str, checkpoint: Mapping[str, Any]
) -> Advice | None:
    """Judge what is there now, with the values that no preview could know; None if all is well."""
    from platformctl.operations.policy.checking import check_document

    kind = project.kind(environment)
    report = check_document(checkpoint, "the checkpoint", environment, project.root, kind)
    advice = _advice(report, environment, f"{environment} is deployed, but breaks policies")
    return advice if report.blocking else None


def _advice(report: "Report", environment: str, what: str) -> Advice:
    refusal = None
    if report.blocking:
        refusal = PolicyViolationError(
            what,
            why=f"{len(report.blocking)} mandatory findings",
            remedy=f"platformctl policy check {environment}",
        )
    return Advice(title="Policies", lines=list(_findings(report)), refusal=refusal)


def _findings(report: "Report") -> Iterator[str]:
    yield from (
        f"✗ {finding.rule} {finding.name or 'the stack'}: {finding.message}"
        for finding in report.blocking
    )
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items() if count)
    yield f"{len(report.rules)} rules on {report.resources} resources: {counts or 'all kept'}"
