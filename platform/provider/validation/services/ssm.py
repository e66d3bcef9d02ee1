"""Parameters of Systems Manager."""

from platformctl.provider.validation.rules import ExactlyOne, Length, OneOf, Pattern, Row

ROWS = {
    "aws:ssm/parameter:Parameter": Row(
        "ssm/parameter.go",
        (
            ExactlyOne(("insecureValue", "value", "valueWo")),
            Pattern("name", r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}"),
            Length("name", 1, 1011),
            Length("description", 0, 1024),
            Length("allowedPattern", 0, 1024),
            OneOf("dataType", ("aws:ec2:image", "aws:ssm:integration", "text")),
        ),
    ),
}
