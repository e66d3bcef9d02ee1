"""The page that says how real each resource type is in the local region."""

from platformctl.provider import registry
from platformctl.provider.spec import Fidelity, ResourceSpec

MEANING = {
    Fidelity.LIVE: "behaves: something real runs behind it",
    Fidelity.API: "recorded, and readable through the AWS API",
    Fidelity.STATE: "recorded in the state only; nothing reads it back",
}


def page() -> str:
    """Return the page as Markdown, one table for each module of `pulumi_aws`."""
    specs = [registry.spec(token) for token in registry.types()]
    lines = [
        "# What is real in the local region",
        "",
        "Written by `make docs` from the provider's table (`platform/provider/services/`). A type",
        "that is not here, or an input that its record neither sends nor lists, is an error that",
        "names it.",
        "",
        "| fidelity | means | types |",
        "| --- | --- | --- |",
    ]
    for word, meaning in MEANING.items():
        count = sum(spec.fidelity is word for spec in specs)
        lines.append(f"| `{word}` | {meaning} | {count} |")
    lines.extend(_modules(specs))
    lines.extend(_random())
    return "\n".join(lines) + "\n"


def _modules(specs: list[ResourceSpec]) -> list[str]:
    lines: list[str] = []
    before = ""
    for spec in specs:
        module, name = spec.type.split(":")[1].split("/")[0], spec.type.split(":")[2]
        if module != before:
            lines.extend(["", f"## `aws.{module}`", "", *_header()])
            before = module
        quiet = ", ".join(f"`{path}`" for path in sorted(spec.no_local_effect))
        lines.append(f"| `{name}` | `{spec.fidelity}` | {spec.note} | {quiet} |")
    return lines


def _header() -> list[str]:
    return [
        "| type | fidelity | remark | inputs without local effect |",
        "| --- | --- | --- | --- |",
    ]


def _random() -> list[str]:
    """Return the section of the other package."""
    remark = "made once by the system's random source, kept in the state"
    return [
        "",
        "## `random`",
        "",
        *_header(),
        *(
            f"| `{name}` | `state` | {remark}{secret} | |"
            for name, secret in (
                ("RandomId", ""),
                ("RandomPassword", ", as a secret"),
                ("RandomString", ""),
            )
        ),
    ]


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  # this is what it is for
