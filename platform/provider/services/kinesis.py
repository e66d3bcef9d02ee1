"""Kinesis streams."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import template
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)

STREAM = {"StreamName": "{name}"}
MODE, RECORD_SIZE, WARM = "streamModeDetails", "maxRecordSizeInKib", "warmThroughputMibPs"


def _read(context: Context) -> Any:
    """Describe a stream by the words of its inputs."""
    context.inputs.setdefault("name", context.id.rpartition("/")[2])
    found = context.find(Ask("describe_stream_summary", STREAM, "StreamDescriptionSummary"))
    if found is None:
        return None
    warm = found.get("WarmThroughput") or {}
    return {
        **found,
        "ShardCount": found.get("OpenShardCount"),
        "RetentionPeriod": found.get("RetentionPeriodHours"),
        "KmsKeyId": found.get("KeyId"),
        "EncryptionType": found.get("EncryptionType", "NONE"),
        "WarmThroughputMibPs": warm.get("TargetMiBps"),
    }


def _settled(context: Context) -> None:
    """Wait until a change of a stream is through."""
    path = "StreamDescriptionSummary.StreamStatus"
    context.until(
        lambda: context.ask(Ask("describe_stream_summary", STREAM, path)) == "ACTIVE",
        f"waiting for {context.id} to be ACTIVE",
        delay=0.02,
        timeout=600,
    )


def _keep(context: Context) -> None:
    """Keep records for longer, or for less long."""
    wanted = int(context.inputs.get("retentionPeriod") or 24)
    path = "StreamDescriptionSummary.RetentionPeriodHours"
    actual = context.ask(Ask("describe_stream_summary", STREAM, path))
    if wanted != actual:
        verb = "increase" if wanted > actual else "decrease"
        context.call(
            f"{verb}_stream_retention_period",
            StreamName=context.inputs["name"],
            RetentionPeriodHours=wanted,
        )
        _settled(context)


def _encrypt(context: Context) -> None:
    """Encrypt with the key, or no longer."""
    name, kind = context.inputs["name"], context.inputs.get("encryptionType", "NONE")
    if kind == "KMS":
        key = context.inputs["kmsKeyId"]
        context.call("start_stream_encryption", StreamName=name, EncryptionType=kind, KeyId=key)
    else:
        old = context.old.get("kmsKeyId") or "alias/aws/kinesis"
        context.call("stop_stream_encryption", StreamName=name, EncryptionType="KMS", KeyId=old)
    _settled(context)


def _measure(context: Context) -> None:
    """Record metrics for each shard: those that are wanted, and no others."""
    name, wanted = context.inputs["name"], set(context.inputs.get("shardLevelMetrics") or ())
    before = set(context.old.get("shardLevelMetrics") or ())
    for verb, metrics in (("disable", before - wanted), ("enable", wanted - before)):
        if metrics:
            context.call(
                f"{verb}_enhanced_monitoring",
                StreamName=name,
                ShardLevelMetrics=sorted(metrics),
            )
            _settled(context)


def _change_mode(context: Context) -> None:
    """Change between capacity on demand and capacity in shards."""
    mode = {"StreamMode": context.inputs[MODE]["streamMode"]}
    context.call("update_stream_mode", StreamARN=context.id, StreamModeDetails=mode)
    _settled(context)


def _split_or_merge(context: Context) -> None:
    """Change the number of shards of a stream that has its capacity in shards."""
    wanted, mode = context.inputs.get("shardCount"), context.inputs.get(MODE) or {}
    if wanted and mode.get("streamMode", "PROVISIONED") == "PROVISIONED":
        context.call(
            "update_shard_count",
            StreamName=context.inputs["name"],
            TargetShardCount=int(wanted),
            ScalingType="UNIFORM_SCALING",
        )
        _settled(context)


def _resize_records(context: Context) -> None:
    """Change the size of the largest record."""
    size = int(context.inputs.get(RECORD_SIZE) or 1024)
    context.call("update_max_record_size", StreamARN=context.id, MaxRecordSizeInKiB=size)
    _settled(context)


def _warm(context: Context) -> None:
    """Change the throughput that a stream on demand is ready for."""
    context.call(
        "update_stream_warm_throughput",
        StreamARN=context.id,
        WarmThroughputMiBps=int(context.inputs[WARM]),
    )
    _settled(context)


SPECS = (
    ResourceSpec(
        type="aws:kinesis/stream:Stream",
        service="kinesis",
        identity=template("arn:aws:kinesis:{region}:{account}:stream/{name}"),
        fidelity=Fidelity.LIVE,
        create=Send("create_stream", STREAM),
        created=Waiter("StreamStatus", ("ACTIVE",)),
        read=_read,
        updates=(
            Update(_change_mode, (MODE,)),
            Update(_split_or_merge, ("shardCount",)),
            Update(_keep, ("retentionPeriod",), on_create=True),
            Update(_encrypt, ("encryptionType", "kmsKeyId"), on_create=True),
            Update(_measure, ("shardLevelMetrics",), on_create=True),
            Update(_resize_records, (RECORD_SIZE,)),
            Update(_warm, (WARM,)),
        ),
        delete=Ask(
            "delete_stream", {**STREAM, "EnforceConsumerDeletion": "{enforceConsumerDeletion}"}
        ),
        deleted=True,
        names={"name": "StreamName", WARM: "WarmThroughputMiBps"},
        unread=(RECORD_SIZE, WARM, "shardLevelMetrics"),
        outputs={"arn": "{id}"},
        defaults={
            "encryptionType": "NONE",
            "enforceConsumerDeletion": False,
            "retentionPeriod": 24,
        },
        name=Name("name", 128),
        handled=(
            "arn",
            "encryptionType",
            "enforceConsumerDeletion",
            "kmsKeyId",
            "name",
            "retentionPeriod",
            "shardLevelMetrics",
        ),
        replace=("name", "arn"),
        tags=Tagging(
            member="",
            form="map",
            add="add_tags_to_stream",
            remove="remove_tags_from_stream",
            resource=STREAM,
            read=Ask("list_tags_for_stream", STREAM, "Tags"),
        ),
        note="records really flow, shard by shard; they are not encrypted on disk, and metrics of "
        "single shards are only recorded",
    ),
)
