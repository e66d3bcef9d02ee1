import subprocess
import sys

import pytest
import typer

from platformctl.cli.main import app

GROUP = typer.main.get_command(app)


def leaf_commands(command, path=()):
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from leaf_commands(child, (*path, name))
    else:
        yield path, command


LEAVES = dict(leaf_commands(GROUP))


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_shows_an_example_of_itself(path):
    assert f"platformctl {' '.join(path)}" in LEAVES[path].help


@pytest.mark.parametrize(
    "path",
    [
        ("preview",),
        ("outputs",),
        ("status",),
        ("logs",),
        ("history",),
        ("doctor",),
        ("load", "run"),
        ("region", "ps"),
    ],
    ids=" ".join,
)
def test_every_command_that_reads_can_print_json(path):
    assert "--json" in {name for parameter in LEAVES[path].params for name in parameter.opts}


def imported(program, packages):
    """Return which of some packages a program has imported when it ends."""
    looking = f"import sys\n{program}\nprint(*[m for m in {packages!r} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", looking], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_help_imports_no_heavy_package():
    heavy = ("pulumi", "boto3", "botocore", "moto", "grpc", "pydantic", "psutil")

    assert imported("import platformctl.cli.main", heavy) == []


def test_status_imports_neither_configuration_nor_engine():
    program = (
        "from platformctl.cli import main, runtime\n"
        "from platformctl.cli.views import status\n"
        "from platformctl.deployment import choose\n"
        "from platformctl.operations import console\n"
        "from platformctl.operations.load import places, traffic\n"
        "from platformctl.operations.status import report\n"
    )

    assert imported(program, ("pulumi", "grpc", "moto", "pydantic", "psutil")) == []
