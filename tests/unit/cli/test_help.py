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


def test_help_imports_no_heavy_package():
    program = (
        "import sys; import platformctl.cli.main;"
        "print([m for m in ('pulumi', 'boto3', 'botocore', 'moto', 'grpc', 'pydantic') "
        "if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
