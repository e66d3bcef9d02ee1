"""What the provider says about inputs before anything is made of them."""

from platformctl.provider import registry
from platformctl.provider.check import check


def refused(token, inputs):
    """Return property → sentence of what a check finds wrong."""
    found = check(registry.spec(token), "thing", {}, inputs, b"seed").failures
    return {failure.property: failure.reason for failure in found}
