"""Every check that matters for an environment, one after the other."""

from collections.abc import Callable
from functools import partial

from platformctl.aws.clients import Clients
from platformctl.cost.resources import Plan
from platformctl.deployment.project import Project
from platformctl.errors import PlatformError
from platformctl.operations.doctor import account, files, machine
from platformctl.operations.doctor.finding import Check, Finding, Verdict
from platformctl.operations.doctor.quotas import quotas


def examine_local(project: Project, environment: str) -> list[Finding]:
    """Check what an environment in the local region needs."""
    return _run(
        ("Python", machine.python),
        ("memory", machine.memory),
        ("disk", partial(machine.disk, project)),
        ("servers", machine.packages),
        ("programs", machine.programs),
        ("local region", partial(machine.endpoint_port, project)),
        ("configuration", partial(files.configuration, project, environment)),
        ("applications", partial(files.applications, project)),
        ("Pulumi CLI", account.wished_cli),
    )


def examine_account(
    project: Project,
    environment: str,
    region: str,
    clients: Callable[[], Clients],
    plan: Callable[[], Plan],
) -> list[Finding]:
    """Check what an environment in an AWS account needs.

    Args:
        project: The project.
        environment: The environment.
        region: Its region.
        clients: Returns what makes boto3 clients of the account.
        plan: Returns what is to be deployed.
    """
    found = _run(
        ("Python", machine.python),
        ("configuration", partial(files.configuration, project, environment)),
        ("applications", partial(files.applications, project)),
        ("Pulumi CLI", partial(account.needed_cli, environment)),
        ("credentials", lambda: account.credentials(clients(), region)),
    )
    failed = {each.check for each in found if each.failed}
    if "credentials" not in failed:
        found += _run(
            ("state", lambda: account.state(project, environment, clients(), region)),
            ("secrets", lambda: account.secrets(project, environment, clients(), region)),
        )
    if not failed & {"configuration", "credentials"}:
        found += _run(("quotas", lambda: quotas(plan(), clients(), region)))
    return found


def _run(*checks: tuple[str, Check]) -> list[Finding]:
    """Run checks; one that cannot run is itself a failure."""
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check())
        except PlatformError as error:
            findings.append(Finding(name, Verdict.FAILURE, str(error), error.remedy))
        except ImportError as error:
            remedy = "pip install 'platformctl[local,apps]'"
            findings.append(Finding(name, Verdict.FAILURE, str(error), remedy))
    return findings
