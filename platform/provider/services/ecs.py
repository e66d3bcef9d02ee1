"""Clusters, task definitions and services."""

import json
from typing import Any

from botocore.exceptions import ClientError

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider import compare
from platformctl.provider.context import Context, is_gone
from platformctl.provider.identity import assigned, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)
from platformctl.provider.tags import on_create

TAGS = Tagging(
    member="tags",
    form="list",
    add="tag_resource",
    remove="untag_resource",
    resource={"resourceArn": "{arn}"},
    read="tags",
    key="key",
    value="value",
    tags_member="tags",
    keys_member="tagKeys",
)
SERVICE = {"cluster": "{cluster}", "service": "{id}"}
STEADY_TIMEOUT = 600.0
REGISTER = Send("register_task_definition", leave=("containerDefinitions",))
CREATE_SERVICE = Send("create_service")
UPDATE_SERVICE = Send("update_service", {"service": "{id}"}, leave=("desiredCount",))
SET_PROVIDERS = Send("put_cluster_capacity_providers", {"cluster": "{clusterName}"})
CHANGEABLE = (
    "alarms",
    "availabilityZoneRebalancing",
    "capacityProviderStrategies",
    "deploymentCircuitBreaker",
    "deploymentConfiguration",
    "deploymentController",
    "deploymentMaximumPercent",
    "deploymentMinimumHealthyPercent",
    "desiredCount",
    "enableEcsManagedTags",
    "enableExecuteCommand",
    "forceNewDeployment",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "orderedPlacementStrategies",
    "placementConstraints",
    "platformVersion",
    "propagateTags",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "taskDefinition",
    "triggers",
    "volumeConfiguration",
)
"""What `UpdateService` changes; everything else replaces the service."""


def _register(context: Context) -> Any:
    """Register a revision; container definitions come as JSON text."""
    given = context.inputs["containerDefinitions"]
    containers = json.loads(given) if isinstance(given, str) else given
    return context.send(REGISTER, containerDefinitions=containers, **on_create(context))


def _read_definition(context: Context) -> Any:
    """Describe a revision; what is said about containers stays as written where it still holds."""
    asked = {"taskDefinition": "{arn|id}", "include": ["TAGS"]}
    found = context.find(Ask("describe_task_definition", asked))
    if found is None:
        return None
    definition = {**found["taskDefinition"], "tags": found.get("tags", [])}
    written = context.inputs.get("containerDefinitions")
    actual = definition["containerDefinitions"]
    same = written is not None and compare.same(written, actual, subset=True)
    definition["containerDefinitions"] = written if same else json.dumps(actual, sort_keys=True)
    definition["arnWithoutRevision"] = definition["taskDefinitionArn"].rpartition(":")[0]
    return definition


def _deregister(context: Context) -> None:
    """Take a revision out of service; AWS keeps it, inactive."""
    if not context.inputs.get("skipDestroy"):
        arn = context.outputs.get("arn") or context.id
        context.call("deregister_task_definition", taskDefinition=arn)


def _create_service(context: Context) -> Any:
    """Create a service; a stopped one of that name may still be draining."""
    return context.until(
        lambda: _try_create(context), "waiting for the old service to drain", delay=0.1, timeout=120
    )


def _try_create(context: Context) -> Any:
    try:
        return context.send(CREATE_SERVICE, **on_create(context))
    except ClientError as error:
        if "draining" in str(error).lower():
            return None
        raise


def _update_service(context: Context) -> None:
    """Change a service; the desired count is sent only when the program changes it.

    Autoscaling may have moved it since, and a new image is no reason to undo that.
    """
    extra: dict[str, Any] = {}
    desired = context.inputs.get("desiredCount")
    if desired is not None and desired != context.old.get("desiredCount"):
        extra["desiredCount"] = int(desired)
    context.send(UPDATE_SERVICE, **extra)


def _steady(context: Context) -> None:
    """Wait until the deployment is complete, when the program asks to."""
    if not context.inputs.get("waitForSteadyState"):
        return

    def look() -> bool:
        service = _read_service(context)
        deployments = (service or {}).get("deployments", ())
        primary = next((each for each in deployments if each["status"] == "PRIMARY"), None)
        if primary is None:
            return False
        # After a rollback the primary deployment is the one before, complete and in good health.
        rolled_back = not _is_wanted(context, primary["taskDefinition"])
        if rolled_back or primary.get("rolloutState") == "FAILED":
            what = "was rolled back" if rolled_back else "failed"
            raise ResourceOperationError(
                f"{context.inputs['name']} did not become steady, its deployment {what}: "
                f"{_why_stopped(context) or primary.get('rolloutStateReason')}"
            )
        steady = len(deployments) == 1 and primary.get("rolloutState") == "COMPLETED"
        return steady and service["runningCount"] == service["desiredCount"]

    context.until(look, f"waiting for {context.id} to be steady", delay=0.1, timeout=STEADY_TIMEOUT)


def _is_wanted(context: Context, definition: str) -> bool:
    """Tell whether a task definition is the program's, which may leave out ARN and revision."""
    wanted = str(context.inputs.get("taskDefinition") or definition)
    family = definition.rpartition("/")[2]
    return wanted in (definition, family, family.partition(":")[0])


def _why_stopped(context: Context) -> str:
    """Return why tasks of the program's definition stopped, with their exit codes."""
    service = {"cluster": "{cluster}", "serviceName": "{name}", "desiredStatus": "STOPPED"}
    arns = context.ask(Ask("list_tasks", service, "taskArns"))
    if not arns:
        return ""
    asked = {"cluster": "{cluster}", "tasks": arns[:100]}
    tasks = context.ask(Ask("describe_tasks", asked, "tasks"))
    reasons = {
        _stopped_reason(task) for task in tasks if _is_wanted(context, task["taskDefinitionArn"])
    }
    return "; ".join(sorted(reasons))


def _stopped_reason(task: Any) -> str:
    ends = [
        f"{container['name']} {container.get('reason') or ''}".strip()
        + (f" (exit code {container['exitCode']})" if container.get("exitCode") else "")
        for container in task["containers"]
        if container.get("exitCode") or container.get("reason")
    ]
    return f"{task.get('stoppedReason', 'stopped')}" + (f": {', '.join(ends)}" if ends else "")


def _read_service(context: Context) -> Any:
    """Describe a service, its task definition as the program wrote it where it is the same."""
    asked = {"cluster": "{cluster}", "services": ["{id}"], "include": ["TAGS"]}
    service = context.find(Ask("describe_services", asked, "services[0]"))
    if service is None or service.get("status") == "INACTIVE":
        return None
    for key, actual in (("taskDefinition", "taskDefinition"), ("cluster", "clusterArn")):
        written = context.inputs.get(key)
        matches = written and str(service.get(actual, "")).endswith(
            f"/{str(written).split('/')[-1]}"
        )
        service[key] = written if matches else service.get(actual)
    configuration = service.get("deploymentConfiguration") or {}
    service["deploymentCircuitBreaker"] = configuration.get("deploymentCircuitBreaker")
    service["alarms"] = configuration.get("alarms")
    return service


def _delete_service(context: Context) -> None:
    """Delete a service with its tasks, and wait until they have drained."""
    cluster = context.inputs.get("cluster", "default")
    context.call("delete_service", cluster=cluster, service=context.id, force=True)

    def drained() -> bool:
        asked = {"cluster": cluster, "services": [context.id]}
        try:
            services = context.call("describe_services", **asked)["services"]
        except ClientError as error:
            if is_gone(error):
                return True
            raise
        return not services or services[0]["status"] == "INACTIVE"

    context.until(drained, f"the draining of {context.id}", delay=0.1, timeout=300)


def _set_providers(context: Context) -> Any:
    """Set the capacity providers of a cluster."""
    empty = {"capacityProviders": [], "defaultCapacityProviderStrategy": []}
    return context.call("put_cluster_capacity_providers", **empty | context.request(SET_PROVIDERS))


def _list_services(context: Context) -> Any:
    """Return the service of that name."""
    asked = {"cluster": "{cluster}", "services": ["{name}"], "include": ["TAGS"]}
    services = context.find(Ask("describe_services", asked, "services")) or ()
    return [service for service in services if service["status"] == "ACTIVE"]


def _latest_definition(context: Context) -> Any:
    """Return the latest revision of the family, if it is the one wanted."""
    asked = {"taskDefinition": "{family}", "include": ["TAGS"]}
    found = context.find(Ask("describe_task_definition", asked, "taskDefinition"))
    if not found:
        return []
    written = context.inputs["containerDefinitions"]
    same = compare.same(written, found["containerDefinitions"], subset=True)
    return [found] if same else []


SPECS = (
    ResourceSpec(
        type="aws:ecs/cluster:Cluster",
        service="ecs",
        identity=assigned("cluster.clusterArn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_cluster"),
        answer="cluster",
        read=Ask(
            "describe_clusters",
            {"clusters": ["{id}"], "include": ["TAGS", "SETTINGS", "CONFIGURATIONS"]},
            "clusters[0]",
        ),
        gone="status=='INACTIVE'",
        updates=(
            Update(
                Send(
                    "update_cluster",
                    {"cluster": "{id}"},
                    only=("configuration", "serviceConnectDefaults", "settings"),
                )
            ),
        ),
        delete=Ask("delete_cluster", {"cluster": "{id}"}),
        names={"name": "clusterName"},
        outputs={"arn": "{id}"},
        name=Name("name", 255),
        unread=("configuration", "serviceConnectDefaults"),
        no_local_effect=(
            "configuration.executeCommandConfiguration.logConfiguration.s3BucketEncryptionEnabled",
        ),
        tags=TAGS,
        find=Find(
            Ask("describe_clusters", {"clusters": ["{name}"], "include": ["TAGS"]}, "clusters"),
            ("name",),
        ),
    ),
    ResourceSpec(
        type="aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        service="ecs",
        identity=parameter("clusterName"),
        fidelity=Fidelity.API,
        create=_set_providers,
        sends=(SET_PROVIDERS,),
        read=Ask("describe_clusters", {"clusters": ["{id}"]}, "clusters[0]"),
        gone="status=='INACTIVE'",
        updates=(
            Update(_set_providers, ("capacityProviders", "defaultCapacityProviderStrategies")),
        ),
        delete=Ask(
            "put_cluster_capacity_providers",
            {"cluster": "{id}", "capacityProviders": [], "defaultCapacityProviderStrategy": []},
        ),
        replace=("clusterName",),
        handled=("clusterName",),
        note="Fargate and Fargate Spot both are processes of this machine",
    ),
    ResourceSpec(
        type="aws:ecs/taskDefinition:TaskDefinition",
        service="ecs",
        identity=assigned("taskDefinition.family"),
        fidelity=Fidelity.LIVE,
        create=_register,
        sends=(REGISTER,),
        read=_read_definition,
        gone="status=='INACTIVE'",
        delete=_deregister,
        names={
            "arn": "taskDefinitionArn",
            "volumes.hostPath": "host.sourcePath",
            "volumes.configureAtLaunch": "configuredAtLaunch",
            "proxyConfiguration.properties": "properties",
        },
        unread=("volumes", "trackLatest", "proxyConfiguration"),
        handled=("containerDefinitions", "skipDestroy", "trackLatest"),
        replace=("containerDefinitions",),
        defaults={"skipDestroy": False, "trackLatest": False},
        tags=TAGS,
        find=Find(_latest_definition, ("family",)),
        note="an image is its application's sources; CPU and memory are checked as Fargate does",
    ),
    ResourceSpec(
        type="aws:ecs/service:Service",
        service="ecs",
        identity=assigned("service.serviceArn"),
        fidelity=Fidelity.LIVE,
        create=_create_service,
        sends=(CREATE_SERVICE, UPDATE_SERVICE),
        read=_read_service,
        updates=(
            Update(_update_service, CHANGEABLE),
            Update(_steady, (*CHANGEABLE, "waitForSteadyState"), on_create=True),
        ),
        delete=_delete_service,
        names={
            "arn": "serviceArn",
            "name": "serviceName",
            "iamRole": "role",
            "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
            "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
            "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "alarms": "deploymentConfiguration.alarms",
            "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
            "networkConfiguration.assignPublicIp": "assignPublicIp",
            "volumeConfiguration.managedEbsVolume.sizeInGb": "sizeInGiB",
            "loadBalancers.elbName": "loadBalancerName",
            "orderedPlacementStrategies": "placementStrategy",
        },
        outputs={"arn": "{id}"},
        defaults={
            "schedulingStrategy": "REPLICA",
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableEcsManagedTags": False,
            "enableExecuteCommand": False,
            "waitForSteadyState": False,
        },
        name=Name("name", 255),
        unread=("serviceRegistries", "volumeConfiguration", "serviceConnectConfiguration"),
        handled=("waitForSteadyState", "forceNewDeployment", "triggers", "forceDelete"),
        no_local_effect=(
            "serviceConnectConfiguration.services.tls.issuerCertAuthority",
            "sigintRollback",
            "vpcLatticeConfigurations.*",
        ),
        tags=TAGS,
        find=Find(_list_services, ("name",)),
        note="tasks are processes with an address each; rolling deployments, drain",
    ),
)
