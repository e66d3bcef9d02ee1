"""The account's default VPC is not used."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import never

RULE = Rule(
    id="vpc-default-vpc-unused",
    title="The account's default VPC is not used",
    why="Every subnet of a default VPC is public, and nobody planned its addresses.",
    fix="make a Network instead of adopting the DefaultVpc",
    severity=MEDIUM,
    types=("aws:ec2/defaultVpc:DefaultVpc",),
    judge=never("a Network of its own"),
)
