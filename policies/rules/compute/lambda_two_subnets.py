"""Functions in a VPC have two subnets at least."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import count_at_least, empty

RULE = Rule(
    id="lambda-two-subnets",
    title="Functions in a VPC have two subnets at least",
    why="In one zone, its failure is the function's.",
    fix="give LambdaFunction all app subnets",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:lambda/function:Function",),
    judge=count_at_least(2, "vpcConfig.subnetIds"),
    unless=empty("vpcConfig"),
    before={"vpcConfig": {"subnetIds": ["subnet-1"]}},
    after={"vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"]}},
)
