"""A remedy is typed as it stands: about the environment of the command, or its rehearsal."""

import sys

import pytest
import typer

from platformctl.cli import main, options
from platformctl.cli.remedies import NEVER_REHEARSED, Given
from platformctl.errors import LockedError

LISTED = "platformctl operation list ENV"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (LISTED, "platformctl operation list staging"),
        ("platformctl up staging", "platformctl up staging"),
        (
            "see platformctl status ENV, then: platformctl lock release ENV TARGET --reason '…'",
            (
                "see platformctl status staging, then: "
                "platformctl lock release staging TARGET --reason '…'"
            ),
        ),
        ("use the platformctl that wrote it", "use the platformctl that wrote it"),
        ("add --yes", "add --yes"),
        ("", ""),
    ],
)
def test_a_remedy_names_the_environment(said, shown):
    assert Given(environment="staging").completed(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (LISTED, "platformctl operation list staging --target local"),
        (
            "platformctl operation resume staging 1, or: platformctl operation abort staging 1",
            (
                "platformctl operation resume staging --target local 1, or: "
                "platformctl operation abort staging --target local 1"
            ),
        ),
        ("platformctl up staging --target local", "platformctl up staging --target local"),
        ("platformctl up staging-2", "platformctl up staging-2"),
        ("platformctl policy check ENV", "platformctl policy check staging"),
    ],
)
def test_the_remedy_of_a_rehearsal_is_about_the_rehearsal(said, shown):
    given = Given(environment="staging", rehearsed=True)

    assert given.completed(said) == shown
    assert given.completed(shown) == shown


def test_a_command_about_no_environment_leaves_it_to_be_filled_in():
    assert Given().completed(LISTED) == LISTED


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["staging"], "→ platformctl operation list staging\n"),
        (["staging", "-t", "local"], "→ platformctl operation list staging --target local\n"),
    ],
)
def test_the_command_line_says_what_remedies_are_about(monkeypatch, capsys, arguments, shown):
    app = typer.Typer()

    @app.command()
    def fail(environment: options.Environment, target: options.Rehearsal = None) -> None:
        raise LockedError("it is locked", remedy=LISTED)

    monkeypatch.setattr(main, "app", app)
    monkeypatch.setattr(sys, "argv", ["platformctl", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()

    assert ended.value.code == LockedError.exit_code
    assert capsys.readouterr().err.endswith(shown)


def test_only_commands_without_a_rehearsal_are_left_as_they_are():
    found = list(_targets(typer.main.get_command(main.app)))
    rehearsed = {name for name, has_target in found if has_target}

    assert {name for name, _ in found} - rehearsed == NEVER_REHEARSED


def _targets(group):
    """Yield the first word of commands about an environment, and whether it takes `--target`."""
    for name, child in group.commands.items():
        for command in getattr(child, "commands", {"": child}).values():
            arguments = {each.name for each in command.params if each.param_type_name == "argument"}
            if "environment" in arguments:
                yield name, any(each.name == "target" for each in command.params)
