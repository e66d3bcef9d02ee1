"""A new stack file out of one that exists, with its comments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from platformctl.config.environment import PRODUCTS
from platformctl.errors import ConfigurationError

SCHEMA_LINE = "# yaml-language-server: $schema=docs/reference/pulumi-stack.schema.json"
NAME = re.compile(r"[a-z][a-z0-9-]{0,99}")
_KEY = re.compile(r"  ([\w-]+:[\w-]+):")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the new environment is to be.

    Attributes:
        name: Its name.
        source: Name of the environment whose file it is made from.
        region: Its region; the source's without it.
        products: Its products; the source's without any.
    """

    name: str
    source: str
    region: str | None = None
    products: Sequence[str] = ()


@dataclass
class _Block:
    """One key of the `config` with the comments above it and everything below it."""

    key: str
    lines: list[str]


def scaffold(text: str, wanted: Wanted) -> str:
    """Return the stack file of a new environment.

    What belongs to the source alone (its encryption keys) stays behind; its domain gets the new
    name.

    Raises:
        ConfigurationError: The name cannot be, or there is no such product.
    """
    _judge(wanted)
    config = yaml.safe_load(text)["config"]
    blocks = list(_blocks(text))
    if wanted.products:
        left_out = {f"platform:{name}" for name in set(PRODUCTS) - set(wanted.products)}
        blocks = [block for block in blocks if block.key not in left_out]
        _replace(blocks, "platform:products", f"[{', '.join(wanted.products)}]")
    if wanted.region is not None:
        _move(blocks, config["platform:region"], wanted.region)
    _rename_domain(blocks, config, wanted)
    heading = [
        SCHEMA_LINE,
        f"# {wanted.name}: made from Pulumi.{wanted.source}.yaml. Names of resources are the same",
        "# in every environment, so give each one an AWS account of its own.",
        "config:",
    ]
    return "\n".join([*heading, *(line for block in blocks for line in block.lines)]) + "\n"


def _judge(wanted: Wanted) -> None:
    if not NAME.fullmatch(wanted.name):
        raise ConfigurationError(
            f"an environment cannot be called {wanted.name!r}",
            why="its name begins with a small letter and has small letters, digits and hyphens",
        )
    unknown = sorted(set(wanted.products) - set(PRODUCTS))
    if unknown:
        raise ConfigurationError(
            f"there is no product {unknown[0]!r}", why=f"products are {', '.join(PRODUCTS)}"
        )


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the keys of the `config` in their order."""
    _, _, body = text.partition("\nconfig:\n")
    waiting: list[str] = []
    block: _Block | None = None
    for line in body.splitlines():
        found = _KEY.match(line)
        if line and not line.startswith(" "):
            break  # a key of Pulumi's own, after `config`
        if found:
            if block is not None:
                yield block
            block, waiting = _Block(found.group(1), [*waiting, line]), []
        elif line.startswith("  #"):
            waiting.append(line)  # a comment stands above what it is about
        elif block is not None:
            block.lines += [*waiting, line]
            waiting = []
    if block is not None:
        yield block


def _replace(blocks: Sequence[_Block], key: str, value: str) -> None:
    """Replace the value of a key that stands on one line."""
    for block in blocks:
        if block.key == key:
            block.lines[-1] = f"  {key}: {value}"


def _move(blocks: Sequence[_Block], here: str, there: str) -> None:
    """Move regions and zones; what was recovered there is recovered here."""
    moved = {here: there, there: here}
    names = re.compile(rf"\b({re.escape(here)}|{re.escape(there)})(?=[a-i]?\b)")
    for block in blocks:
        block.lines = [names.sub(lambda name: moved[name.group(1)], line) for line in block.lines]


def _rename_domain(
    blocks: Sequence[_Block], config: Mapping[str, Mapping[str, str]], wanted: Wanted
) -> None:
    domain = config.get("platform:edge", {}).get("domain")
    if domain is None:
        return
    renamed = f"{wanted.name}.{domain.removeprefix(f'{wanted.source}.')}"
    for block in blocks:
        if block.key == "platform:edge":
            block.lines = [line.replace(domain, renamed, 1) for line in block.lines]
