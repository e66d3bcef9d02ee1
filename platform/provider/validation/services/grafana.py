"""Managed Grafana."""

from platformctl.provider.validation.formats import arn, json_document
from platformctl.provider.validation.rules import (
    AtLeastOne,
    Count,
    Follows,
    OneOf,
    Pattern,
    Row,
    When,
)

ROWS = {
    "aws:grafana/workspace:Workspace": Row(
        "grafana/workspace.go",
        (
            OneOf("accountAccessType", ("CURRENT_ACCOUNT", "ORGANIZATION")),
            Count("authenticationProviders", 1),
            OneOf("authenticationProviders[]", ("AWS_SSO", "SAML")),
            OneOf("permissionType", ("CUSTOMER_MANAGED", "SERVICE_MANAGED")),
            Pattern("name", r"[0-9A-Za-z._~-]{1,255}"),
            Pattern("grafanaVersion", r"\d{1,2}\.\d{1,2}"),
            Follows("roleArn", arn),
            Follows("configuration", json_document),
            OneOf(
                "dataSources[]",
                (
                    "AMAZON_OPENSEARCH_SERVICE",
                    "ATHENA",
                    "CLOUDWATCH",
                    "PROMETHEUS",
                    "REDSHIFT",
                    "SITEWISE",
                    "TIMESTREAM",
                    "TWINMAKER",
                    "XRAY",
                ),
            ),
            OneOf("notificationDestinations[]", ("SNS",)),
            Follows("kmsKeyId", arn),
            Count("vpcConfiguration.subnetIds", 2, 100),
            Count("vpcConfiguration.securityGroupIds", 0, 100),
            Count("networkAccessControl.prefixListIds", 0, 100),
            Count("networkAccessControl.vpceIds", 0, 100),
            When("accountAccessType", ("ORGANIZATION",), needs=("organizationalUnits",)),
            When("permissionType", ("CUSTOMER_MANAGED",), needs=("roleArn",)),
        ),
    ),
    "aws:grafana/roleAssociation:RoleAssociation": Row(
        "grafana/role_association.go",
        (OneOf("role", ("ADMIN", "EDITOR", "VIEWER")), AtLeastOne(("groupIds", "userIds"))),
    ),
}
