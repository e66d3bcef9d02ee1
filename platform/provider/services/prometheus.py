"""Managed Prometheus."""

from platformctl.provider.identity import parameter, template
from platformctl.provider.spec import Fidelity, ResourceSpec

WORKSPACE = "ws-{alias}"
ARN = "arn:aws:aps:{region}:{account}:workspace/" + WORKSPACE
NAMESPACE = "arn:aws:aps:{region}:{account}:rulegroupsnamespace/{workspaceId}/{name}"
NOTE = "no Prometheus runs locally; services serve /metrics for whoever scrapes them"

SPECS = (
    ResourceSpec(
        type="aws:amp/workspace:Workspace",
        service="amp",
        identity=template(WORKSPACE),
        fidelity=Fidelity.STATE,
        no_local_effect=("alias", "kmsKeyArn", "loggingConfiguration.*", "tags"),
        # A name that no resolver knows: nothing local can write to AWS by mistake.
        outputs={
            "arn": ARN,
            "prometheusEndpoint": "https://aps.{region}.invalid/workspaces/" + WORKSPACE + "/",
        },
        replace=("alias", "kmsKeyArn"),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:amp/workspaceConfiguration:WorkspaceConfiguration",
        service="amp",
        identity=parameter("workspaceId"),
        fidelity=Fidelity.STATE,
        no_local_effect=(
            *("limitsPerLabelSets.*", "outOfOrderTimeWindowInSeconds", "retentionPeriodInDays"),
            *("ruleQueryOffsetInSeconds", "timeouts.*", "workspaceId"),
        ),
        replace=("workspaceId",),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:amp/alertManagerDefinition:AlertManagerDefinition",
        service="amp",
        identity=parameter("workspaceId"),
        fidelity=Fidelity.STATE,
        no_local_effect=("definition", "workspaceId"),
        replace=("workspaceId",),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:amp/ruleGroupNamespace:RuleGroupNamespace",
        service="amp",
        identity=template(NAMESPACE),
        fidelity=Fidelity.STATE,
        no_local_effect=("data", "name", "tags", "workspaceId"),
        outputs={"arn": NAMESPACE},
        replace=("name", "workspaceId"),
        note=NOTE,
    ),
)
