"""Everything that is wrong with an object: by its schema, then by Kubernetes' further rules."""

from collections.abc import Mapping
from typing import Any

from platformctl.kubernetes import rules, schemas
from platformctl.kubernetes.schemas import NEWEST, Problem


def mistakes(document: Mapping[str, Any], version: str = NEWEST) -> list[Problem]:
    """Return what is wrong with an object, empty where nothing is.

    Args:
        document: The object; values that are not known yet are `schemas.Open`.
        version: Kubernetes version, `major.minor`.

    Raises:
        KeyError: That version has no such kind.
    """
    found = list(schemas.problems(document, version))
    # The rules count on what the schema promises.
    return found or list(rules.violations(document))
