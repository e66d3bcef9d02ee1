"""Traces: groups, sampling rules, encryption."""

from platformctl.provider.identity import template
from platformctl.provider.spec import Fidelity, ResourceSpec

GROUP = "arn:aws:xray:{region}:{account}:group/{groupName}/LOCAL"
RULE = "arn:aws:xray:{region}:{account}:sampling-rule/{ruleName}"
NOTE = "no tracing service runs locally; applications keep their traces to themselves"

SPECS = (
    ResourceSpec(
        type="aws:xray/group:Group",
        service="xray",
        identity=template(GROUP),
        fidelity=Fidelity.STATE,
        no_local_effect=("filterExpression", "groupName", "insightsConfiguration.*", "tags"),
        outputs={"arn": GROUP},
        replace=("groupName",),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:xray/samplingRule:SamplingRule",
        service="xray",
        identity=template("{ruleName}"),
        fidelity=Fidelity.STATE,
        no_local_effect=(
            *("attributes", "fixedRate", "host", "httpMethod", "priority", "reservoirSize"),
            *("resourceArn", "ruleName", "serviceName", "serviceType", "tags", "urlPath"),
            "version",
        ),
        outputs={"arn": RULE},
        replace=("ruleName",),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:xray/encryptionConfig:EncryptionConfig",
        service="xray",
        identity=template("{region}"),
        fidelity=Fidelity.STATE,
        no_local_effect=("keyId", "type"),
        note=NOTE,
    ),
)
