"""RDS Proxy: the front that pools connections."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import joined, name, parameter
from platformctl.provider.services.rds import tagging
from platformctl.provider.spec import Ask, Fidelity, ResourceSpec, Send, Update, Waiter

PROXY = {"DBProxyName": "{id}"}
TARGET = {
    "DBProxyName": "{dbProxyName}",
    "TargetGroupName": "{targetGroupName}",
    "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"],
}
GROUP = "default"


def _set_pool(context: Context) -> Any:
    """Set the connection pool of a proxy's default target group."""
    return context.send(
        Send("modify_db_proxy_target_group", {"TargetGroupName": GROUP}, only=SETTINGS)
    )


def _read_target(context: Context) -> Any:
    """Return the target of a proxy that is the instance."""
    asked = {"DBProxyName": "{dbProxyName}", "TargetGroupName": "{targetGroupName}"}
    targets = context.find(Ask("describe_db_proxy_targets", asked, "Targets")) or ()
    wanted = context.inputs.get("dbInstanceIdentifier") or context.inputs.get("dbClusterIdentifier")
    found = next((each for each in targets if each.get("RdsResourceId") == wanted), None)
    return {**found, "dbInstanceIdentifier": wanted} if found else None


SETTINGS = ("dbProxyName", "connectionPoolConfig")

SPECS = (
    ResourceSpec(
        type="aws:rds/proxy:Proxy",
        service="rds",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send("create_db_proxy"),
        read=Ask("describe_db_proxies", PROXY, "DBProxies[0]"),
        updates=(
            Update(
                Send(
                    "modify_db_proxy",
                    {"DBProxyName": "{id}", "SecurityGroups": "{vpcSecurityGroupIds}"},
                    only=(
                        "auths",
                        "debugLogging",
                        "defaultAuthScheme",
                        "idleClientTimeout",
                        "requireTls",
                        "roleArn",
                    ),
                ),
                (
                    "auths",
                    "debugLogging",
                    "defaultAuthScheme",
                    "idleClientTimeout",
                    "requireTls",
                    "roleArn",
                    "vpcSecurityGroupIds",
                ),
            ),
        ),
        delete=Ask("delete_db_proxy", PROXY),
        names={"name": "DBProxyName", "auths.iamAuth": "IAMAuth"},
        reads={"arn": "DBProxyArn", "vpcSecurityGroupIds": "VpcSecurityGroupIds"},
        defaults={"idleClientTimeout": 1800, "requireTls": False, "debugLogging": False},
        tags=tagging("{arn}"),
        created=Waiter("Status", ("available",), ("incompatible-network",)),
        updated=Waiter("Status", ("available",)),
        deleted=True,
    ),
    ResourceSpec(
        type="aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        service="rds",
        identity=parameter("dbProxyName"),
        fidelity=Fidelity.LIVE,
        create=_set_pool,
        answer="DBProxyTargetGroup",
        read=Ask(
            "describe_db_proxy_target_groups",
            {"DBProxyName": "{id}", "TargetGroupName": GROUP},
            "TargetGroups[0]",
        ),
        updates=(Update(_set_pool, ("connectionPoolConfig",)),),
        reads={"arn": "TargetGroupArn"},
        outputs={"name": GROUP},
        handled=SETTINGS,
        replace=("dbProxyName",),
        note="AWS makes it with the proxy and deletes it with the proxy",
    ),
    ResourceSpec(
        type="aws:rds/proxyTarget:ProxyTarget",
        service="rds",
        identity=joined("dbProxyName", "targetGroupName", "dbInstanceIdentifier", separator="/"),
        fidelity=Fidelity.LIVE,
        create=Ask("register_db_proxy_targets", TARGET),
        read=_read_target,
        delete=Ask("deregister_db_proxy_targets", TARGET),
        handled=("dbProxyName", "targetGroupName", "dbInstanceIdentifier"),
        replace=("dbProxyName", "targetGroupName", "dbInstanceIdentifier"),
        no_local_effect=("dbClusterIdentifier",),
    ),
)
