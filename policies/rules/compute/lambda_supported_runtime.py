"""Functions run on supported runtimes."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import none_of

# Source: AWS Lambda developer guide, "Deprecated runtimes", as of 2026-11.
_DEPRECATED = (
    *("python2.7", "python3.6", "python3.7", "python3.8", "python3.9"),
    *("nodejs10.x", "nodejs12.x", "nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs20.x"),
    *("java8", "go1.x", "provided", "ruby2.5", "ruby2.7", "ruby3.2"),
    *("dotnetcore2.1", "dotnetcore3.1", "dotnet5.0", "dotnet6", "dotnet7"),
)


RULE = Rule(
    id="lambda-supported-runtime",
    title="Functions run on supported runtimes",
    why="A deprecated runtime gets no security updates, and one day cannot be changed any more.",
    fix="raise `runtime` of LambdaFunction",
    severity=MEDIUM,
    types=("aws:lambda/function:Function",),
    judge=none_of("runtime", *_DEPRECATED),
    before={"runtime": "python3.8"},
    after={"runtime": "python3.12"},
)
