"""Tags, which have the same limits in every service.

Source: AWS General Reference, "Tag your AWS resources".
"""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.rules import (
    Count,
    Custom,
    Failures,
    Inputs,
    Length,
    Pattern,
)

MOST = 50
KEY_LENGTH = 128
VALUE_LENGTH = 256
CHARACTERS = r"[\w\s.:/=+\-@]*"
MEANING = "letters, digits, spaces and . : / = + - @ _"


def _keys(inputs: Inputs) -> Failures:
    """Judge the keys, which no path leads to."""
    tags = inputs.get("tags")
    for key in tags if isinstance(tags, dict) else ():
        place = f"tags.{key}"
        if key.lower().startswith("aws:"):
            yield CheckFailure(place, f"{place}: a key that starts with aws: is AWS's own")
        rules = (Length("key", 1, KEY_LENGTH), Pattern("key", CHARACTERS, MEANING))
        for rule in rules:
            for failure in rule.judge({"key": key}):
                yield CheckFailure(place, f"{place}: {failure.reason}")


TAGS = (
    Count("tags", 0, MOST),
    Length("tags{}", 0, VALUE_LENGTH),
    Pattern("tags{}", CHARACTERS, MEANING),
    Custom(_keys),
)
