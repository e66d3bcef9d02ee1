"""Flow logs record what was refused."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="flow-log-captures-rejects",
    title="Flow logs record what was refused",
    why="Refused connections are how a scan or a stolen credential shows first.",
    fix="keep `flow_logs=True` of Network, which records all traffic",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ec2/flowLog:FlowLog",),
    judge=one_of("trafficType", "ALL", "REJECT"),
    before={"trafficType": "ACCEPT"},
    after={"trafficType": "ALL"},
)
