"""New environments: a stack file that is valid from the first moment."""

from pathlib import Path

from platformctl.config.environment import EnvironmentConfig
from platformctl.config.loader import load_file
from platformctl.config.scaffold import Wanted, scaffold
from platformctl.deployment.project import Project
from platformctl.errors import InvocationError, PlatformError


def write_stack_file(project: Project, wanted: Wanted) -> tuple[Path, EnvironmentConfig]:
    """Write the stack file of a new environment and judge it as every other.

    Returns:
        Where it is, and what it says.

    Raises:
        StackNotFoundError: There is no file to make it from.
        InvocationError: The environment has a file already.
        ConfigurationError: What was asked for makes no valid file; then none is written.
    """
    source = project.stack_file(wanted.source)
    path = project.root / f"Pulumi.{wanted.name}.yaml"
    text = scaffold(source.read_text(), wanted)
    try:
        with path.open("x") as file:
            file.write(text)
    except FileExistsError:
        raise InvocationError(
            f"{path.name} exists",
            why="it would be lost",
            remedy="choose another name, or delete the file first",
        ) from None
    try:
        return path, load_file(path)
    except PlatformError:
        path.unlink()
        raise
