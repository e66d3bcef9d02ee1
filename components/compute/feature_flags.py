"""Feature flags of a product: a parameter that services read and operations write."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.security.access import read_parameter
from platformctl.components.security.roles import Statement

# What Systems Manager accepts (PutParameter); names under /aws and /ssm are its own.
_NAME = re.compile(r"(/(?!aws/|ssm/)[A-Za-z0-9_.-]+){1,15}")
MOST = 1011
NO_FLAGS = '{"revision":0,"flags":{}}'


@dataclass(frozen=True, kw_only=True)
class FeatureFlagsArgs(Args):
    """Where flags are kept.

    Attributes:
        parameter_name: Name of the parameter, with its path.
    """

    parameter_name: str

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if len(self.parameter_name) > MOST or not _NAME.fullmatch(self.parameter_name):
            yield (
                f"parameter_name is {self.parameter_name!r}: must be a path such as "
                f"/platform/production/shop/flags, of at most 15 parts and {MOST} characters"
            )


class FeatureFlags(Component):
    """The feature flags of a product, none at first; their values belong to `flag set`.

    Example::

        FeatureFlags("flags", FeatureFlagsArgs(parameter_name="/platform/production/shop/flags"))

    Monthly cost: none; standard parameters are free.

    Attributes:
        parameter_name: Name of the parameter, which services read.
        arn: Its ARN.
    """

    parameter_name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: FeatureFlagsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:FeatureFlags", name, args, opts)
        self.parameter = self.child(
            "",
            aws.ssm.Parameter,
            name=args.parameter_name,
            type="String",
            description="Feature flags, set by `platformctl flag set`",
            insecure_value=NO_FLAGS,
            # What is set at run time would otherwise be undone by the next deployment.
            options=pulumi.ResourceOptions(ignore_changes=["insecureValue"]),
        )
        self.parameter_name = self.parameter.name
        self.arn = self.parameter.arn
        self.finish("parameter_name", "arn")

    @property
    def statements(self) -> Sequence[Statement]:
        """What a service may do that reads them."""
        return read_parameter(self.arn)
