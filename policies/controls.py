"""What our rules are called in Security Hub, the CIS benchmark and checkov (`controls.yaml`).

The numbers change with every edition of a benchmark, so they are data and not in the rules.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import yaml

_NAMES = {
    "securityHub": "Security Hub",
    "cis3": "CIS 3.0",
    "cis5": "CIS 5.0",
    "checkov": "checkov",
}


@cache
def table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return rule → benchmark → ids."""
    return yaml.safe_load(files("platformctl.policies").joinpath("controls.yaml").read_text())


def controls(rule: str) -> tuple[str, ...]:
    """Return what a rule is called elsewhere, such as `Security Hub RDS.2`."""
    return tuple(
        f"{_NAMES[benchmark]} {identity}"
        for benchmark, ids in table().get(rule, {}).items()
        for identity in ids
    )
