"""Parameters of Systems Manager."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.rules import (
    Custom,
    ExactlyOne,
    Failures,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Requires,
    Row,
    When,
)

LARGEST = {"Standard": 4096, "Advanced": 8192}
"""Tier → characters of a value (Systems Manager user guide, parameter tiers)."""


def _size(inputs: Inputs) -> Failures:
    """A value is as long as its tier allows; what it says is nobody's business."""
    most = LARGEST.get(str(inputs.get("tier", "Standard")), LARGEST["Advanced"])
    for key in ("value", "insecureValue"):
        value = inputs.get(key)
        if isinstance(value, str) and len(value) > most:
            yield CheckFailure(key, f"{key} must have at most {most} characters, not {len(value)}")


ROWS = {
    "aws:ssm/parameter:Parameter": Row(
        "ssm/parameter.go",
        (
            ExactlyOne(("insecureValue", "value", "valueWo")),
            Pattern("name", r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}"),
            Pattern(
                "name",
                r"(?i)^/?(aws|ssm)",
                "a name that does not start with aws or ssm",
                never=True,
            ),
            Length("name", 1, 1011),
            Requires("valueWo", ("valueWoVersion",)),
            Requires("valueWoVersion", ("valueWo",)),
            When("type", ("SecureString",), excludes=("insecureValue",)),
            Custom(_size),
            Length("description", 0, 1024),
            Length("allowedPattern", 0, 1024),
            OneOf("dataType", ("aws:ec2:image", "aws:ssm:integration", "text")),
        ),
    ),
}
