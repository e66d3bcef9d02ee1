"""What the project's files must say."""

from collections.abc import Iterator

from platformctl.config.app import load_apps
from platformctl.deployment.project import Project
from platformctl.operations.doctor.finding import Finding, Verdict


def configuration(project: Project, environment: str) -> Iterator[Finding]:
    """Check the stack file, as `up` does before anything starts."""
    from platformctl.config.loader import load_file  # noqa: PLC0415  # pydantic takes a moment

    path = project.stack_file(environment)
    load_file(path)
    yield Finding("configuration", Verdict.OK, f"{path.name} is valid")


def applications(project: Project) -> Iterator[Finding]:
    """Check every `app.yaml`."""
    apps = load_apps(project.root)
    yield Finding("applications", Verdict.OK, ", ".join(apps) or "none")
