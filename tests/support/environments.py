"""The repository's own program with the repository's own stack files, run on paper."""

import shutil

from support.paper import REPOSITORY, PaperProject, stack_configuration


def environment(folder, stack, change=None):
    """Run the program for a stack and return what it registers.

    Args:
        folder: An empty folder for the project.
        stack: Name of the stack file.
        change: Function that changes the configuration first.
    """
    project, configuration, program = _project(folder, stack, change)
    return project.up(configuration=configuration, program=program)


def preview_steps(folder, stack):
    """Preview the program for a stack and return the steps as Pulumi prints them."""
    project, configuration, program = _project(folder, stack)
    return project.engine(configuration=configuration, program=program).preview().steps


def _project(folder, stack, change=None):
    for name in ("stacks", "apps"):
        shutil.copytree(REPOSITORY / name, folder / name)
    configuration = stack_configuration(stack)
    if change is not None:
        change(configuration)
    project = PaperProject(folder, project="platform", stack=stack)
    return project, configuration, folder / "stacks"
