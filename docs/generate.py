"""Write every page that is generated from code; `--check` fails instead when one is out of date.

Each page is a pair of a path and a function that returns its text, so that the test that keeps
the pages true and the command that writes them are the same table.
"""

import argparse
import runpy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from platformctl.policies.packs import GROUP_OF

ROOT = Path(__file__).resolve().parents[1]


def command_line() -> str:
    """Return the reference of the command line, one section for each command."""
    import typer  # noqa: PLC0415

    from platformctl.cli.main import app  # noqa: PLC0415

    lines = ["# Command line", "", "Written by `make docs` from the commands themselves.", ""]

    def section(command: typer.core.TyperCommand, path: str) -> None:
        context = typer.Context(command, info_name=path)
        lines.extend([f"## `{path}`", "", command.get_short_help_str(limit=400), ""])
        lines.extend(["```text", command.get_usage(context).replace("Usage: ", ""), "```", ""])
        options = [
            (", ".join((*item.opts, *item.secondary_opts)), getattr(item, "help", "") or "")
            for item in command.params
            if item.name != "help"
        ]
        if options:
            lines.extend(["| option | meaning |", "| --- | --- |"])
            lines.extend(f"| `{names}` | {text} |" for names, text in options)
            lines.append("")

    def walk(command: typer.core.TyperGroup, path: str) -> None:
        for name, child in sorted(command.commands.items()):
            full = f"{path} {name}"
            if hasattr(child, "commands"):
                walk(child, full)
            else:
                section(child, full)

    walk(typer.main.get_command(app), "platformctl")
    return "\n".join(lines)


def configuration() -> str:
    """Return the reference of the stack files."""
    from platformctl.config.reference import page  # noqa: PLC0415

    return page()


def stack_schema() -> str:
    """Return the JSON Schema of stack files, which editors read."""
    import json  # noqa: PLC0415

    from platformctl.config.schema import json_schema  # noqa: PLC0415

    return json.dumps(json_schema(), indent=2, ensure_ascii=False)


def components() -> str:
    """Return the reference of the component library."""
    from platformctl.components.reference import page  # noqa: PLC0415

    return page()


def fidelity() -> str:
    """Return the table of what is real in the local region."""
    from platformctl.provider.fidelity import page  # noqa: PLC0415

    return page()


def mutations() -> str:
    """Return what the policies are tested with: each property that is switched off."""
    from platformctl.policies.reference import mutations as table  # noqa: PLC0415

    cases = runpy.run_path(str(ROOT / "tests" / "policies" / "cases" / "mutations.py"))
    return table([(area, what, rules) for area, what, _, rules in cases["MUTATIONS"]])


def policies() -> str:
    """Return the list of all policies."""
    from platformctl.policies.reference import index  # noqa: PLC0415

    return index()


def policy(identity: str) -> str:
    """Return the page of one policy."""
    from platformctl.policies.reference import page  # noqa: PLC0415

    return page(identity)


def faults() -> str:
    """Return the faults of the reliability suite, with the tests that inject them."""
    suite = runpy.run_path(str(ROOT / "tests" / "support" / "faults.py"))
    tests: dict[int, list[str]] = {}
    for number, test in suite["marked"]():
        path, _, name = test.partition("::")
        tests.setdefault(number, []).append(f"[{name}](../../{path})")
    lines = [
        "# Faults",
        "",
        "What goes wrong in production is made to go wrong here, by the tests named in the last",
        "column. Written by `make docs` from the tests' marks.",
        "",
        "| # | fault | what comes of it | tests |",
        "| --- | --- | --- | --- |",
    ]
    for number, fault in suite["FAULTS"].items():
        named = ", ".join(sorted(set(tests.get(number, []))))
        lines.append(f"| {number} | {fault.what} | {fault.outcome} | {named} |")
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/command-line.md": command_line,
    "docs/reference/configuration.md": configuration,
    "docs/reference/pulumi-stack.schema.json": stack_schema,
    "docs/reference/components.md": components,
    "docs/fidelity.md": fidelity,
    "docs/reference/faults.md": faults,
    "docs/policies/README.md": policies,
    "docs/policies/mutations.md": mutations,
    **{f"docs/policies/{identity}.md": partial(policy, identity) for identity in GROUP_OF},
}


def main() -> int:
    """Write the pages, or with `--check` name those that are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = 0
    for path, render in PAGES.items():
        text = render().rstrip() + "\n"
        file = ROOT / path
        if check and (not file.exists() or file.read_text() != text):
            print(f"{path} is out of date: run `make docs`")  # noqa: T201
            stale += 1
        elif not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
