"""Read a stack file, from disk or as Pulumi hands it to a program, and judge it as a whole."""

import copy
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from platformctl.config.checks import CHECKS, Check, Mistake
from platformctl.config.documents import read_document
from platformctl.config.environment import EnvironmentConfig
from platformctl.config.mistakes import key_of, nearest, translate
from platformctl.config.sizes import not_larger
from platformctl.errors import ConfigurationError

NAMESPACE = "platform"
# Values that are text even where they look like JSON: a cost center may be called 4711.
_TEXT = frozenset(
    f"{NAMESPACE}:{field.alias or name}"
    for name, field in EnvironmentConfig.model_fields.items()
    if field.annotation in (str, str | None)
)


def load_file(path: Path) -> EnvironmentConfig:
    """Read `Pulumi.<stack>.yaml`.

    A staging file is compared with `Pulumi.production.yaml` beside it, if there is one.

    Raises:
        ConfigurationError: The file cannot be read, or says something that cannot be; `why` lists
            every mistake, one sentence each.
    """
    document, production = _read(path), path.with_name("Pulumi.production.yaml")
    staging = document.get(f"{NAMESPACE}:environment") == "staging"
    if not staging or production == path or not production.is_file():
        return load_document(document, path.name)
    try:
        larger = load_document(_read(production), production.name)
    except ConfigurationError:
        load_document(document, path.name)  # its own mistakes come first
        raise
    return _load(document, path.name, (*CHECKS, partial(not_larger, production=larger)))


def load_values(values: Mapping[str, str], source: str) -> EnvironmentConfig:
    """Read configuration as Pulumi hands it to a program: full key → text, objects as JSON.

    Args:
        values: Everything configured, other namespaces included.
        source: Name of the stack file, for messages.

    Raises:
        ConfigurationError: As `load_file`.
    """
    return load_document({key: _value(key, text) for key, text in values.items()}, source)


def load_document(document: Mapping[str, Any], source: str) -> EnvironmentConfig:
    """Judge the `config` of a stack file.

    Raises:
        ConfigurationError: As `load_file`.
    """
    return _load(document, source, CHECKS)


def _load(document: Mapping[str, Any], source: str, checks: tuple[Check, ...]) -> EnvironmentConfig:
    prefix = f"{NAMESPACE}:"
    ours = {key.removeprefix(prefix): v for key, v in document.items() if key.startswith(prefix)}
    mistakes = [_misplaced(key) for key in document if ":" not in key]
    try:
        config = EnvironmentConfig.model_validate(ours)
    except ValidationError as error:
        mistakes += translate(NAMESPACE, EnvironmentConfig, error)
        mistakes += _mistakes_elsewhere(ours, error, checks)
        _raise_if_any(source, mistakes)
        raise
    region = document.get("aws:region", config.region)
    if region != config.region:
        mistakes.append(Mistake("aws:region", region, f"platform:region says {config.region}"))
    for check in checks:
        mistakes += check(config)
    _raise_if_any(source, mistakes)
    return config


def _mistakes_elsewhere(
    document: Mapping[str, Any], error: ValidationError, checks: tuple[Check, ...]
) -> list[Mistake]:
    """Run the checks without the wrong keys, so that those mistakes are reported as well.

    Where what is left is no whole configuration, there is nothing to check yet; and a section with
    a wrong value is not judged, since its default would be judged in its place.
    """
    remaining = copy.deepcopy(dict(document))
    unsure: set[str] = set()
    for detail in error.errors(include_url=False):
        path = detail["loc"]
        _remove(remaining, path)
        if detail["type"] != "extra_forbidden":
            unsure.update(key_of(NAMESPACE, path[:length]) for length in range(1, len(path) + 1))
    try:
        config = EnvironmentConfig.model_validate(remaining)
    except ValidationError:
        return []
    found = [mistake for check in checks for mistake in check(config)]
    return [mistake for mistake in found if not {mistake.key, mistake.section} & unsure]


def _remove(document: Any, path: tuple[str | int, ...]) -> None:
    *parents, last = path
    for key in parents:
        document = document[key]
    if isinstance(document, dict):
        document.pop(last, None)


def _read(path: Path) -> Mapping[str, Any]:
    document = read_document(path)
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ConfigurationError(f"cannot use {path.name}", why="it has no mapping `config`")
    return config


def _value(key: str, text: str) -> Any:
    if key in _TEXT:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _misplaced(key: str) -> Mistake:
    known = [f"{NAMESPACE}:{f.alias or name}" for name, f in EnvironmentConfig.model_fields.items()]
    return Mistake(key, None, f"has no namespace; {nearest(f'{NAMESPACE}:{key}', known)}")


def _raise_if_any(source: str, mistakes: list[Mistake]) -> None:
    if not mistakes:
        return
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    raise ConfigurationError(
        f"{source} has {count}",
        why="; ".join(f"{source}: {mistake}" for mistake in mistakes),
        mistakes=tuple(map(str, mistakes)),
        remedy="docs/reference/configuration.md lists every key with what it may say",
    )
