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
    for name in ("stacks", "apps"):
        shutil.copytree(REPOSITORY / name, folder / name)
    configuration = stack_configuration(stack)
    if change is not None:
        change(configuration)
    project = PaperProject(folder, project="platform", stack=stack)
    return project.up(configuration=configuration, program=folder / "stacks")
