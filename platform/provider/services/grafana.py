"""Managed Grafana."""

from platformctl.provider.identity import template
from platformctl.provider.spec import Fidelity, ResourceSpec

WORKSPACE = "g-{name}"
NOTE = "no Grafana runs locally; its dashboards are files that any Grafana imports"

SPECS = (
    ResourceSpec(
        type="aws:grafana/workspace:Workspace",
        service="grafana",
        identity=template(WORKSPACE),
        fidelity=Fidelity.STATE,
        no_local_effect=(
            *("accountAccessType", "authenticationProviders", "configuration", "dataSources"),
            *("description", "grafanaVersion", "kmsKeyId", "name", "networkAccessControl.*"),
            *("notificationDestinations", "organizationRoleName", "organizationalUnits"),
            *("permissionType", "roleArn", "stackSetName", "tags", "vpcConfiguration.*"),
        ),
        outputs={
            "arn": "arn:aws:grafana:{region}:{account}:/workspaces/" + WORKSPACE,
            "endpoint": WORKSPACE + ".grafana.{region}.invalid",
        },
        replace=("kmsKeyId", "name"),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:grafana/roleAssociation:RoleAssociation",
        service="grafana",
        identity=template("{workspaceId}/{role}"),
        fidelity=Fidelity.STATE,
        no_local_effect=("groupIds", "role", "userIds", "workspaceId"),
        replace=("role", "workspaceId"),
        note=NOTE,
    ),
)
