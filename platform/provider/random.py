"""The provider of package `random`: passwords, strings, ids; made once, kept in the state."""

import base64
import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformctl.plugin.provider import (
    Call,
    CheckFailure,
    CheckResult,
    DiffKind,
    DiffResult,
    ResourceOperationError,
    ResourceState,
)
from platformctl.plugin.values import UNKNOWN, Properties, Secret
from platformctl.provider.check import unknown

PASSWORD = "random:index/randomPassword:RandomPassword"  # noqa: S105  # a type token
STRING = "random:index/randomString:RandomString"
IDENTIFIER = "random:index/randomId:RandomId"
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"

TEXT_INPUTS = {
    "length": None,
    "keepers": None,
    "lower": True,
    "upper": True,
    "numeric": True,
    "number": True,
    "special": True,
    "minLower": 0,
    "minUpper": 0,
    "minNumeric": 0,
    "minSpecial": 0,
    "overrideSpecial": None,
}
"""Inputs of a random text with their defaults."""
KINDS = ("lower", "upper", "numeric", "special")
MINIMA = ("minLower", "minUpper", "minNumeric", "minSpecial")
INPUTS: Mapping[str, Mapping[str, Any]] = {
    PASSWORD: {k: v for k, v in TEXT_INPUTS.items() if k != "number"},
    STRING: TEXT_INPUTS,
    IDENTIFIER: {"byteLength": None, "keepers": None, "prefix": None},
}
REQUIRED = {PASSWORD: "length", STRING: "length", IDENTIFIER: "byteLength"}


class RandomProvider:
    """Random values that change only when an input does."""

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        """Validate inputs."""
        del old_inputs, random_seed
        if call.type not in INPUTS:
            reason = f"there is no resource type {call.type}; there are {', '.join(INPUTS)}"
            return CheckResult(new_inputs, [CheckFailure("", reason)])
        known = INPUTS[call.type]
        inputs = {key: value for key, value in new_inputs.items() if not key.startswith("__")}
        failures = [unknown(key, key, known) for key in inputs if key not in known]
        size = REQUIRED[call.type]
        if inputs.get(size) is None:
            failures.append(CheckFailure(size, f"{size} is missing"))
        elif inputs[size] is not UNKNOWN:
            inputs[size] = int(inputs[size])
            if inputs[size] < 1:
                failures.append(CheckFailure(size, f"{size} must be at least 1"))
        if call.type != IDENTIFIER:
            failures.extend(_impossible(inputs))
        return CheckResult(inputs, failures)

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        """Every change makes a new value."""
        del call, resource_id, old_outputs
        changed = [
            key
            for key in sorted(old_inputs.keys() | new_inputs.keys())
            if key not in ignore_changes and _differ(old_inputs.get(key), new_inputs.get(key))
        ]
        return DiffResult(dict.fromkeys(changed, DiffKind.UPDATE_REPLACE), changed)

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        """Make the value; nothing of it is known in a preview."""
        plain = {**{k: v for k, v in INPUTS[call.type].items() if v is not None}, **inputs}
        if call.preview:
            return ResourceState("", inputs, {**plain, **dict.fromkeys(_results(call), UNKNOWN)})
        if call.type == IDENTIFIER:
            return _identifier(inputs, plain)
        text = _text(plain)
        if call.type == STRING:
            return ResourceState(text, inputs, {**plain, "result": text})
        outputs = {**plain, "result": Secret(text)}
        return ResourceState("none", inputs, outputs)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        """Return what is recorded: the state is the only place where it is."""
        if not inputs and not outputs:
            raise ResourceOperationError(f"{call.type} cannot be imported here")
        return ResourceState(resource_id, inputs, _kept(call, outputs))

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        """Record inputs; the value stays."""
        del old_inputs, ignore_changes
        return ResourceState(resource_id, new_inputs, _kept(call, {**old_outputs, **new_inputs}))

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        """Forget the value."""

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        """Answer no data source: the package has none."""
        del arguments, preview
        raise ResourceOperationError(f"package random has no data source {token}")


def _impossible(inputs: Properties) -> Iterator[CheckFailure]:
    """Yield why no text can be made: it is too short for its minima, or of no characters."""
    length, least = inputs.get("length"), [inputs.get(key, 0) for key in MINIMA]
    known = [each for each in least if isinstance(each, int | float)]
    if isinstance(length, int) and len(known) == len(least) and sum(known) > length:
        said = f"length {length} is below {' + '.join(MINIMA)}, {sum(known)}"
        yield CheckFailure("length", said)
    if all(inputs.get(key) is False for key in KINDS):
        yield CheckFailure("lower", f"one of {', '.join(KINDS)} must be true")


def _differ(before: Any, after: Any) -> bool:
    if before is UNKNOWN or after is UNKNOWN:
        return before is not after
    return before != after


def _results(call: Call) -> tuple[str, ...]:
    if call.type == IDENTIFIER:
        return ("b64Std", "b64Url", "dec", "hex")
    return ("result", "bcryptHash") if call.type == PASSWORD else ("result",)


def _kept(call: Call, outputs: Properties) -> Properties:
    """Return outputs with the password marked as a secret again."""
    if call.type == PASSWORD and isinstance(outputs.get("result"), str):
        return {**outputs, "result": Secret(outputs["result"])}
    return outputs


def _text(options: Mapping[str, Any]) -> str:
    """Make a text of the length and the kinds of characters wanted."""
    numeric = options.get("numeric", True) and options.get("number", True)
    special = options.get("overrideSpecial") or SPECIAL
    kinds = (
        ("lower", "minLower", string.ascii_lowercase, options.get("lower", True)),
        ("upper", "minUpper", string.ascii_uppercase, options.get("upper", True)),
        ("numeric", "minNumeric", string.digits, numeric),
        ("special", "minSpecial", special, options.get("special", True)),
    )
    alphabet = "".join(letters for _, _, letters, wanted in kinds if wanted)
    length = int(options["length"])
    least = [
        secrets.choice(letters)
        for _, minimum, letters, _ in kinds
        for _ in range(int(options.get(minimum) or 0))
    ]
    if len(least) > length:
        raise ResourceOperationError(f"length {length} is less than the minimum counts together")
    if not alphabet:
        raise ResourceOperationError("no kind of character is left to choose from")
    characters = least + [secrets.choice(alphabet) for _ in range(length - len(least))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _identifier(inputs: Properties, plain: Properties) -> ResourceState:
    data = secrets.token_bytes(int(plain["byteLength"]))
    prefix = plain.get("prefix") or ""
    url = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    outputs = {
        **plain,
        "b64Std": prefix + base64.b64encode(data).decode(),
        "b64Url": prefix + url,
        "dec": prefix + str(int.from_bytes(data, "big")),
        "hex": prefix + data.hex(),
    }
    return ResourceState(url, inputs, outputs)
