"""Replication groups with plain boto3 and redis-py."""

import datetime as dt
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import redis
from botocore.exceptions import ClientError
from support.caches import (
    TOKEN,
    available_cache,
    described_cache,
    endpoint,
    make_cache,
    open_cache,
    primary_of,
)
from support.databases import eventually, unique
from support.region import running_region

from platformctl.region.servers.redis.installation import VARIABLE, program


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def write(region: Any, place: Any, key: str, value: str) -> bool:
    """Write once; a server that cannot be reached or written to is False."""
    try:
        with open_cache(region, place) as client:
            return bool(client.set(key, value))
    except redis.RedisError:
        return False


def test_what_is_written_at_the_primary_is_read_at_the_reader(region, cache):
    key = unique("key")
    with open_cache(region, endpoint(cache)) as primary:
        primary.set(key, "value")
        assert primary.wait(1, 5000) == 1
    with open_cache(region, endpoint(cache, "ReaderEndpoint")) as reader:
        assert eventually(lambda: reader.get(key)) == "value"
        with pytest.raises(redis.exceptions.ReadOnlyError):
            reader.set(key, "other")


def test_endpoints_are_stable_addresses_on_port_6379(region, cache):
    places = [endpoint(cache), endpoint(cache, "ReaderEndpoint")]
    places += [one["ReadEndpoint"] for one in cache["NodeGroups"][0]["NodeGroupMembers"]]
    assert {place["Port"] for place in places} == {6379}
    assert len({place["Address"] for place in places}) == 4


@pytest.mark.parametrize("token", [None, "another-token-of-32-characters-1"])
def test_a_client_without_the_right_token_is_refused(region, cache, token):
    client = open_cache(region, endpoint(cache), token)
    with pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    client.close()


def test_a_client_without_tls_is_refused(region, cache):
    client = redis.Redis(
        host=endpoint(cache)["Address"], port=6379, password=TOKEN, socket_timeout=5
    )
    with pytest.raises(redis.exceptions.ConnectionError):
        client.ping()
    client.close()


@pytest.mark.parametrize("command", ["CONFIG GET maxmemory", "REPLICAOF NO ONE", "SHUTDOWN"])
def test_clients_may_not_administer_a_server(region, cache, command):
    client = open_cache(region, endpoint(cache))
    with client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())


def test_waiters_and_paginators_of_boto3_work(region):
    elasticache, name = region.client("elasticache"), unique("waited")
    elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="a test",
        CacheNodeType="cache.t3.micro",
        Engine="redis",
    )
    elasticache.get_waiter("replication_group_available").wait(
        ReplicationGroupId=name, WaiterConfig={"Delay": 1}
    )
    pages = elasticache.get_paginator("describe_replication_groups").paginate(
        PaginationConfig={"PageSize": 20}
    )
    assert name in {
        one["ReplicationGroupId"] for page in pages for one in page["ReplicationGroups"]
    }
    nodes = elasticache.describe_cache_clusters(CacheClusterId=f"{name}-001")["CacheClusters"]
    assert nodes[0]["ReplicationGroupId"] == name
    place = endpoint(described_cache(region, name))
    with redis.Redis(host=place["Address"], port=place["Port"]) as plain:
        assert plain.ping()
    elasticache.delete_replication_group(ReplicationGroupId=name)
    elasticache.get_waiter("replication_group_deleted").wait(
        ReplicationGroupId=name, WaiterConfig={"Delay": 1}
    )


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"AuthToken": "short"}, "InvalidParameterValue", "AuthToken"),
        (
            {"AuthToken": TOKEN, "TransitEncryptionEnabled": False},
            "InvalidParameterCombination",
            "transit",
        ),
        ({"EngineVersion": "2.8"}, "InvalidParameterValue", "2.8"),
        ({"Engine": "memcached"}, "InvalidParameterValue", "memcached"),
        ({"NumNodeGroups": 3}, "InvalidParameterValue", "one node group"),
        ({"AutomaticFailoverEnabled": True}, "InvalidParameterCombination", "2 nodes"),
        ({"CacheParameterGroupName": "nothing"}, "CacheParameterGroupNotFound", "nothing"),
        ({"CacheSubnetGroupName": "nowhere"}, "CacheSubnetGroupNotFoundFault", "nowhere"),
        ({"SnapshotName": "nothing"}, "SnapshotNotFoundFault", "nothing"),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_aws(region, change, code, words):
    parameters = {
        "ReplicationGroupId": unique("wrong"),
        "ReplicationGroupDescription": "a test",
        "CacheNodeType": "cache.t3.micro",
        "Engine": "redis",
        "TransitEncryptionEnabled": True,
        **change,
    }
    got, message = refused(region.client("elasticache").create_replication_group, **parameters)
    assert got == code
    assert words in message


def test_a_failover_exchanges_the_roles_and_loses_nothing(region):
    name = unique("failing")
    shape = make_cache(region, name)
    assert write(region, endpoint(shape), "key", "value")
    region.client("elasticache").test_failover(ReplicationGroupId=name, NodeGroupId="0001")
    after = available_cache(region, name)
    assert primary_of(after) != primary_of(shape)
    assert endpoint(after) == endpoint(shape)
    with open_cache(region, endpoint(after)) as client:
        assert client.get("key") == "value"
        assert client.set("key", "new")
        assert client.wait(1, 5000) == 1
    region.client("elasticache").delete_replication_group(ReplicationGroupId=name)


def test_the_replica_takes_over_when_the_primary_is_killed(region):
    name = unique("killed")
    shape = make_cache(region, name)
    assert write(region, endpoint(shape), "key", "value")
    with open_cache(region, endpoint(shape)) as client:
        assert client.wait(1, 5000) == 1
    processes = {one["name"]: one["pid"] for one in region.controller.processes()}
    os.kill(processes[f"elasticache/us-east-1/{primary_of(shape)}"], signal.SIGKILL)
    eventually(lambda: write(region, endpoint(shape), "after", "value"))
    after = eventually(
        lambda: described_cache(region, name), lambda seen: primary_of(seen) != primary_of(shape)
    )
    with open_cache(region, endpoint(after)) as client:
        assert client.get("key") == "value"
        eventually(lambda: client.info("replication")["connected_slaves"] == 1)
    region.client("elasticache").delete_replication_group(ReplicationGroupId=name)


def test_a_single_node_that_is_killed_comes_back_with_its_data(region):
    name = unique("single")
    shape = make_cache(region, name, nodes=1)
    with open_cache(region, endpoint(shape)) as client:
        client.set("key", "value")
        # Redis writes its log of changes to disk every second.
        eventually(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
    processes = {one["name"]: one["pid"] for one in region.controller.processes()}
    os.kill(processes[f"elasticache/us-east-1/{name}-001"], signal.SIGKILL)
    eventually(lambda: write(region, endpoint(shape), "after", "value"))
    with open_cache(region, endpoint(shape)) as client:
        assert client.get("key") == "value"
    region.client("elasticache").delete_replication_group(ReplicationGroupId=name)


def test_replicas_are_added_and_removed(region):
    name, elasticache = unique("counted"), region.client("elasticache")
    shape = make_cache(region, name)
    elasticache.increase_replica_count(
        ReplicationGroupId=name, NewReplicaCount=2, ApplyImmediately=True
    )
    assert len(available_cache(region, name)["MemberClusters"]) == 3
    with open_cache(region, endpoint(shape)) as client:
        eventually(lambda: client.info("replication")["connected_slaves"] == 2)
    elasticache.decrease_replica_count(
        ReplicationGroupId=name, NewReplicaCount=1, ApplyImmediately=True
    )
    assert len(available_cache(region, name)["MemberClusters"]) == 2
    code, _ = refused(
        elasticache.decrease_replica_count,
        ReplicationGroupId=name,
        NewReplicaCount=0,
        ApplyImmediately=True,
    )
    assert code == "InvalidParameterValue"
    elasticache.delete_replication_group(ReplicationGroupId=name)


def test_both_tokens_work_after_a_rotation_and_only_the_new_one_after_set(region):
    name, elasticache = unique("rotated"), region.client("elasticache")
    shape = make_cache(region, name, nodes=1)
    new = "the-next-token-of-32-characters-1"
    elasticache.modify_replication_group(
        ReplicationGroupId=name,
        AuthToken=new,
        AuthTokenUpdateStrategy="ROTATE",
        ApplyImmediately=True,
    )
    available_cache(region, name)
    for token in (TOKEN, new):
        with open_cache(region, endpoint(shape), token) as client:
            assert client.ping()
    elasticache.modify_replication_group(
        ReplicationGroupId=name,
        AuthToken=new,
        AuthTokenUpdateStrategy="SET",
        ApplyImmediately=True,
    )
    available_cache(region, name)
    client = open_cache(region, endpoint(shape), TOKEN)
    with pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    client.close()
    elasticache.delete_replication_group(ReplicationGroupId=name)


def test_a_snapshot_brings_the_content_back_in_a_new_group(region):
    name, copy = unique("origin"), unique("copy")
    elasticache = region.client("elasticache")
    shape = make_cache(region, name)
    with open_cache(region, endpoint(shape)) as client:
        client.mset({f"key-{number}": str(number) for number in range(100)})
        client.wait(1, 5000)
    snapshot = unique("snapshot")
    elasticache.create_snapshot(ReplicationGroupId=name, SnapshotName=snapshot)
    eventually(
        lambda: (
            elasticache.describe_snapshots(SnapshotName=snapshot)["Snapshots"][0]["SnapshotStatus"]
            == "available"
        )
    )
    with open_cache(region, endpoint(shape)) as client:
        client.flushall()
    elasticache.delete_replication_group(ReplicationGroupId=name)
    restored = make_cache(region, copy, SnapshotName=snapshot)
    for kind in ("PrimaryEndpoint", "ReaderEndpoint"):
        with open_cache(region, endpoint(restored, kind)) as client:
            assert eventually(client.dbsize) == 100
            assert client.get("key-42") == "42"
    elasticache.delete_replication_group(ReplicationGroupId=copy)


def test_parameters_reach_the_server(region):
    elasticache, group, name = region.client("elasticache"), unique("group"), unique("tuned")
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=group, CacheParameterGroupFamily="redis7", Description="a test"
    )
    shape = make_cache(region, name, nodes=1, CacheParameterGroupName=group)
    with open_cache(region, endpoint(shape)) as client:
        assert client.info("memory")["maxmemory_policy"] == "volatile-lru"
        elasticache.modify_cache_parameter_group(
            CacheParameterGroupName=group,
            ParameterNameValues=[
                {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}
            ],
        )
        eventually(lambda: client.info("memory")["maxmemory_policy"] == "allkeys-lru")
    code, message = refused(
        elasticache.modify_cache_parameter_group,
        CacheParameterGroupName=group,
        ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": "best"}],
    )
    assert (code, "best" in message) == ("InvalidParameterValue", True)
    code, _ = refused(elasticache.delete_cache_parameter_group, CacheParameterGroupName=group)
    assert code == "InvalidCacheParameterGroupState"
    elasticache.delete_replication_group(ReplicationGroupId=name)


def test_figures_reach_cloudwatch(region, cache):
    cloudwatch = region.client("cloudwatch")
    now = dt.datetime.now(dt.UTC)

    def figures(metric: str) -> list[dict[str, Any]]:
        return cloudwatch.get_metric_statistics(
            Namespace="AWS/ElastiCache",
            MetricName=metric,
            Dimensions=[{"Name": "CacheClusterId", "Value": primary_of(cache)}],
            StartTime=now - dt.timedelta(minutes=5),
            EndTime=now + dt.timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]

    with open_cache(region, endpoint(cache)) as client:
        client.ping()
        eventually(lambda: any(point["Maximum"] >= 1 for point in figures("CurrConnections")))
    assert figures("DatabaseMemoryUsagePercentage")[0]["Maximum"] < 50


def test_no_token_is_in_records_logs_or_configuration(region, cache):
    files = [*region.root.glob("elasticache/**/*"), *region.root.glob("logs/*")]
    found = [path for path in files if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert found == []
    assert TOKEN.encode() not in (region.root / "records.sqlite").read_bytes()


def test_content_roles_and_addresses_outlast_a_stop_of_the_region(tmp_path: Path):
    with running_region(tmp_path) as region:
        name = unique("kept")
        shape = make_cache(region, name)
        region.client("elasticache").test_failover(ReplicationGroupId=name, NodeGroupId="0001")
        before = available_cache(region, name)
        assert write(region, endpoint(shape), "key", "value")
        region.stop()
        region.start()
        eventually(lambda: write(region, endpoint(shape), "after", "value"))
        after = available_cache(region, name)
        assert primary_of(after) == primary_of(before)
        with open_cache(region, endpoint(after)) as client:
            assert client.get("key") == "value"


def test_a_cache_whose_server_does_not_start_is_being_modified_until_it_does(
    tmp_path: Path, monkeypatch
):
    server = tmp_path / "redis-server"

    def install(command: str) -> None:
        made = tmp_path / "new"
        made.write_text(f"#!/bin/sh\n{command}\n")
        made.chmod(0o755)
        made.replace(server)

    works = f'exec {program()} "$@"'
    install(works)
    monkeypatch.setenv(VARIABLE, str(server))
    program.cache_clear()
    try:
        with running_region(tmp_path / "region") as region:
            name = unique("broken")
            shape = make_cache(region, name, nodes=1)
            install("exit 1")
            processes = {one["name"]: one["pid"] for one in region.controller.processes()}
            os.kill(processes[f"elasticache/us-east-1/{name}-001"], signal.SIGKILL)
            eventually(
                lambda: described_cache(region, name)["Status"], lambda told: told == "modifying"
            )
            install(works)
            eventually(
                lambda: described_cache(region, name)["Status"], lambda told: told == "available"
            )
            assert write(region, endpoint(shape), "after", "value")
    finally:
        program.cache_clear()
