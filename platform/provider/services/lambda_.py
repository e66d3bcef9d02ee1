"""Lambda functions, their aliases, permissions and event sources."""

import json
from typing import Any

from platformctl.plugin.values import Archive
from platformctl.provider.archives import zipped
from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, parameter, template
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)

FUNCTION = {"FunctionName": "{name}"}
CODE = ("code", "imageUri", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceKmsKeyArn")
CONTENT = (*CODE, "architectures", "sourceCodeHash", "codeSha256")
CLEARED: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "FileSystemConfigs": [],
    "KMSKeyArn": "",
    "Layers": [],
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
"""What a setting is sent as when the program no longer names it."""
SETTINGS = {
    "deadLetterConfig": "DeadLetterConfig",
    "description": "Description",
    "environment": "Environment",
    "ephemeralStorage": "EphemeralStorage",
    "fileSystemConfig": "FileSystemConfigs",
    "handler": "Handler",
    "imageConfig": "ImageConfig",
    "kmsKeyArn": "KMSKeyArn",
    "layers": "Layers",
    "loggingConfig": "LoggingConfig",
    "memorySize": "MemorySize",
    "role": "Role",
    "runtime": "Runtime",
    "snapStart": "SnapStart",
    "timeout": "Timeout",
    "tracingConfig": "TracingConfig",
    "vpcConfig": "VpcConfig",
}
"""Inputs that a change of the configuration carries, with their members."""
CREATE = Send("create_function", leave=("publish", *CODE, "codeSha256"))
CONFIGURE = Send("update_function_configuration", FUNCTION, only=tuple(SETTINGS))
MAPPING = {"UUID": "{id}"}
ALIAS = {"FunctionName": "{functionName}", "Name": "{name}"}
INVOKE_CONFIG = {"FunctionName": "{functionName}", "Qualifier": "{qualifier}"}
INVOKE_ARN = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"


def _code(context: Context) -> dict[str, Any]:
    """Return where the code is: in the call itself, in a bucket, or in an image."""
    inputs = context.inputs
    if isinstance(inputs.get("code"), Archive):
        return {"ZipFile": zipped(inputs["code"])}
    members = {
        "imageUri": "ImageUri",
        "s3Bucket": "S3Bucket",
        "s3Key": "S3Key",
        "s3ObjectVersion": "S3ObjectVersion",
        "sourceKmsKeyArn": "SourceKMSKeyArn",
    }
    return {member: inputs[key] for key, member in members.items() if inputs.get(key)}


def _create(context: Context) -> Any:
    """Create a function, and publish its first version when it is through."""
    tags = {"Tags": dict(context.tags)} if context.tags else {}
    return context.send(CREATE, Code=_code(context), Publish=False, **tags)


def _settled(context: Context) -> None:
    """Wait until a function can be changed or published."""

    def settled() -> bool:
        found = context.ask(Ask("get_function_configuration", FUNCTION))
        active = found.get("State", "Active") == "Active"
        return active and found.get("LastUpdateStatus", "Successful") == "Successful"

    context.until(settled, f"waiting for {context.id} to be Active", delay=0.02, timeout=300)


def _configure(context: Context) -> None:
    """Change settings, the code, or both; then publish what came of it as one version."""
    changed = {
        key
        for key in (*SETTINGS, *CONTENT)
        if context.inputs.get(key) != context.old.get(key) and key != "sourceCodeHash"
    }
    if changed & SETTINGS.keys():
        dropped = {
            member: CLEARED[member]
            for key, member in SETTINGS.items()
            if key in changed and context.inputs.get(key) is None and member in CLEARED
        }
        context.send(CONFIGURE, **dropped)
        _settled(context)
    if changed & set(CONTENT):
        architectures = context.inputs.get("architectures")
        more = {"Architectures": architectures} if architectures else {}
        context.call(
            "update_function_code", FunctionName=context.inputs["name"], **_code(context), **more
        )
        _settled(context)
    _publish(context)


def _publish(context: Context) -> None:
    """Publish a version, where the program wants versions."""
    if context.inputs.get("publish"):
        _settled(context)
        context.call("publish_version", FunctionName=context.inputs["name"])


def _reserve(context: Context) -> None:
    """Keep invocations free for a function, or no longer."""
    name, reserved = context.inputs["name"], context.inputs.get("reservedConcurrentExecutions")
    if reserved is None or int(reserved) < 0:
        context.call("delete_function_concurrency", FunctionName=name)
    else:
        context.call(
            "put_function_concurrency",
            FunctionName=name,
            ReservedConcurrentExecutions=int(reserved),
        )


def _read(context: Context) -> Any:
    """Describe a function with its latest version; changed code shows as another archive."""
    context.inputs.setdefault("name", context.id)
    found = context.find(Ask("get_function", FUNCTION))
    if found is None:
        return None
    described = dict(found["Configuration"])
    versions = context.ask(Ask("list_versions_by_function", FUNCTION, "Versions[].Version"))
    published = [int(version) for version in versions if version.isdigit()]
    described["Version"] = str(max(published)) if published else "$LATEST"
    described["QualifiedArn"] = f"{described['FunctionArn']}:{described['Version']}"
    described["Tags"] = found.get("Tags") or {}
    concurrency = found.get("Concurrency") or {}
    described["ReservedConcurrentExecutions"] = concurrency.get("ReservedConcurrentExecutions", -1)
    recorded, actual = context.outputs.get("codeSha256"), described["CodeSha256"]
    if recorded and recorded != actual and isinstance(context.inputs.get("code"), Archive):
        described["Code"] = Archive(hash=actual, assets={})
    return described


def _delete(context: Context) -> None:
    """Delete a function, unless the program wants it left behind."""
    if not context.inputs.get("skipDestroy"):
        context.ask(Ask("delete_function", FUNCTION))


def _read_alias(context: Context) -> Any:
    """Describe an alias; what names its function stays as the program wrote it."""
    found = context.find(Ask("get_alias", ALIAS))
    return found and {**found, "FunctionName": context.values.get("functionName")}


def _change_alias(context: Context) -> None:
    """Point an alias elsewhere; weights that are no longer said end."""
    routing = context.inputs.get("routingConfig") or {}
    weights = {"AdditionalVersionWeights": routing.get("additionalVersionWeights") or {}}
    send = Send("update_alias", ALIAS, only=("functionVersion", "description"))
    context.send(send, RoutingConfig=weights)


def _read_permission(context: Context) -> Any:
    """Return the statement of a function's policy that a permission is."""
    inputs = context.inputs
    asked = {"FunctionName": "{function}", "Qualifier": "{qualifier}"}
    policy = context.find(Ask("get_policy", asked, "Policy"))
    statements = json.loads(policy)["Statement"] if policy else []
    found = next((each for each in statements if each.get("Sid") == context.id), None)
    if found is None:
        return None
    principal = found["Principal"]
    if isinstance(principal, dict):
        principal = next(iter(principal.values()))
    conditions = {
        key.lower(): value
        for test in found.get("Condition", {}).values()
        for key, value in test.items()
    }
    return {
        "StatementId": context.id,
        "Action": found["Action"],
        "Principal": principal,
        "Function": inputs.get("function"),
        "Qualifier": inputs.get("qualifier"),
        "SourceArn": conditions.get("aws:sourcearn"),
        "SourceAccount": conditions.get("aws:sourceaccount"),
        "PrincipalOrgID": conditions.get("aws:principalorgid"),
    }


def _read_mapping(context: Context) -> Any:
    """Describe an event source mapping by the words of its inputs."""
    found = context.find(Ask("get_event_source_mapping", MAPPING))
    if found is None or found.get("State") == "Deleting":
        return None
    arn, named = found["FunctionArn"], context.inputs.get("functionName") or ""
    same = named == arn or arn.rpartition(":function:")[2] == named
    enabled = found["State"] in ("Enabled", "Enabling", "Creating", "Updating")
    return {**found, "FunctionName": named if same else arn, "Enabled": enabled}


def _change_mapping(context: Context) -> None:
    """Change an event source mapping; what is no longer said ends."""
    dropped = {
        member: empty
        for key, member, empty in (
            ("destinationConfig", "DestinationConfig", {}),
            ("filterCriteria", "FilterCriteria", {}),
            ("functionResponseTypes", "FunctionResponseTypes", []),
            ("scalingConfig", "ScalingConfig", {}),
        )
        if context.inputs.get(key) is None and context.old.get(key) is not None
    }
    context.send(MODIFY_MAPPING, **dropped)


MODIFY_MAPPING = Send(
    "update_event_source_mapping",
    MAPPING,
    leave=("amazonManagedKafkaEventSourceConfig", "selfManagedKafkaEventSourceConfig"),
)
MAPPING_CHANGES = (
    "batchSize",
    "bisectBatchOnFunctionError",
    "destinationConfig",
    "documentDbEventSourceConfig",
    "enabled",
    "filterCriteria",
    "functionName",
    "functionResponseTypes",
    "kmsKeyArn",
    "maximumBatchingWindowInSeconds",
    "maximumRecordAgeInSeconds",
    "maximumRetryAttempts",
    "metricsConfig",
    "parallelizationFactor",
    "provisionedPollerConfig",
    "scalingConfig",
    "sourceAccessConfigurations",
    "tumblingWindowInSeconds",
)

SPECS = (
    ResourceSpec(
        type="aws:lambda/function:Function",
        service="lambda",
        identity=assigned("FunctionName"),
        fidelity=Fidelity.LIVE,
        create=_create,
        sends=(CREATE, CONFIGURE),
        created=Waiter("State", ("Active",), ("Failed",)),
        read=_read,
        updates=(
            Update(_publish, ("publish",), on_create=True),
            Update(_configure, (*SETTINGS, *CONTENT)),
            Update(_reserve, ("reservedConcurrentExecutions",), on_create=True),
        ),
        delete=_delete,
        names={"name": "FunctionName", "fileSystemConfig": "FileSystemConfigs"},
        reads={
            "arn": "FunctionArn",
            "sourceCodeHash": "CodeSha256",
            "sourceCodeSize": "CodeSize",
            "layers": "Layers[].Arn",
        },
        unread=("fileSystemConfig", "imageConfig", "snapStart", "publish", "publishTo"),
        outputs={
            "arn": "arn:aws:lambda:{region}:{account}:function:{name}",
            "invokeArn": INVOKE_ARN + "arn:aws:lambda:{region}:{account}:function:{name}"
            "/invocations",
        },
        defaults={
            "memorySize": 128,
            "packageType": "Zip",
            "publish": False,
            "reservedConcurrentExecutions": -1,
            "skipDestroy": False,
            "timeout": 3,
        },
        name=Name("name", 64),
        handled=(
            *CODE,
            "codeSha256",
            "publish",
            "reservedConcurrentExecutions",
            "skipDestroy",
            "sourceCodeHash",
        ),
        replace=("name", "packageType"),
        no_local_effect=(
            "capacityProviderConfig.*",
            "durableConfig.*",
            "publishTo",
            "replaceSecurityGroupsOnDestroy",
            "replacementSecurityGroupIds",
            "snapStart.optimizationStatus",  # what AWS says about it
            "tenancyConfig.*",
            "useResourceTimeoutForPropagation",
            "vpcConfig.vpcId",  # what AWS says about it
        ),
        tags=Tagging(
            member="Tags",
            form="map",
            add="tag_resource",
            remove="untag_resource",
            resource={"Resource": "{arn}"},
            read="Tags",
        ),
        find=Find(Ask("list_functions", {}, "Functions"), ("name",)),
        note="the code really runs, in a process of its own; memory and VPC are only recorded",
    ),
    ResourceSpec(
        type="aws:lambda/alias:Alias",
        service="lambda",
        identity=assigned("AliasArn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_alias"),
        read=_read_alias,
        updates=(Update(_change_alias, ("functionVersion", "description", "routingConfig")),),
        delete=Ask("delete_alias", ALIAS),
        reads={"arn": "AliasArn"},
        outputs={"arn": "{id}", "invokeArn": INVOKE_ARN + "{id}/invocations"},
        defaults={"description": ""},
        name=Name("name", 128),
        find=Find(
            Ask("list_aliases", {"FunctionName": "{functionName}"}, "Aliases"),
            ("name",),
        ),
    ),
    ResourceSpec(
        type="aws:lambda/permission:Permission",
        service="lambda",
        identity=parameter("statementId"),
        fidelity=Fidelity.API,
        create=Send("add_permission", {"FunctionName": "{function}"}),
        read=_read_permission,
        delete=Ask(
            "remove_permission",
            {
                "FunctionName": "{function}",
                "StatementId": "{statementId}",
                "Qualifier": "{qualifier}",
            },
        ),
        unread=("eventSourceToken", "functionUrlAuthType", "invokedViaFunctionUrl"),
        name=Name("statementId", 100),
        note="recorded; the local region asks for no permission",
    ),
    ResourceSpec(
        type="aws:lambda/eventSourceMapping:EventSourceMapping",
        service="lambda",
        identity=assigned("UUID"),
        fidelity=Fidelity.LIVE,
        create=Send("create_event_source_mapping"),
        created=Waiter("State", ("Enabled", "Disabled")),
        read=_read_mapping,
        updates=(Update(_change_mapping, MAPPING_CHANGES),),
        sends=(MODIFY_MAPPING,),
        updated=Waiter("State", ("Enabled", "Disabled")),
        delete=Ask("delete_event_source_mapping", MAPPING),
        deleted=True,
        names={
            "destinationConfig.onFailure.destinationArn": "Destination",
            "documentDbEventSourceConfig": "DocumentDBEventSourceConfig",
        },
        reads={"arn": "EventSourceMappingArn"},
        outputs={"uuid": "{id}"},
        defaults={"enabled": True},
        replace=(
            "amazonManagedKafkaEventSourceConfig",
            "eventSourceArn",
            "queues",
            "selfManagedEventSource",
            "selfManagedKafkaEventSourceConfig",
            "startingPosition",
            "startingPositionTimestamp",
            "topics",
        ),
        no_local_effect=(
            "amazonManagedKafkaEventSourceConfig.schemaRegistryConfig.*",
            "selfManagedKafkaEventSourceConfig.schemaRegistryConfig.*",
            "useResourceTimeoutForPropagation",
        ),
        tags=Tagging(
            member="Tags",
            form="map",
            add="tag_resource",
            remove="untag_resource",
            resource={"Resource": "{arn}"},
            read=Ask("list_tags", {"Resource": "{arn}"}, "Tags"),
        ),
        find=Find(
            Ask(
                "list_event_source_mappings",
                {"EventSourceArn": "{eventSourceArn}", "FunctionName": "{functionName}"},
                "EventSourceMappings",
            ),
            ("eventSourceArn",),
        ),
        note="streams and queues are polled: bisecting, retries, ages, partial responses and "
        "destinations included",
    ),
    ResourceSpec(
        type="aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        service="lambda",
        identity=template("{functionName}:{qualifier}"),
        fidelity=Fidelity.LIVE,
        create=Send("put_function_event_invoke_config"),
        read=Ask("get_function_event_invoke_config", INVOKE_CONFIG),
        updates=(Update(Send("put_function_event_invoke_config")),),
        delete=Ask("delete_function_event_invoke_config", INVOKE_CONFIG),
        unread=("functionName", "qualifier"),
        replace=("functionName", "qualifier"),
    ),
)
