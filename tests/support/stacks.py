"""The repository's own stack files, for tests."""

from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def stack_document(name):
    """Return the `config` of a stack file."""
    return yaml.safe_load((REPOSITORY / f"Pulumi.{name}.yaml").read_text())["config"]
