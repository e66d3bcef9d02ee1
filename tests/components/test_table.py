"""DynamoDB tables: keys, indexes, capacity, recovery, replicas."""

import pytest
from support.component_examples import EXAMPLES, TABLE

CAPACITY = """capacity=ProvisionedCapacity(
    read_minimum=5, read_maximum=100, write_minimum=6, write_maximum=60)"""


def test_a_table_is_encrypted_protected_and_can_be_restored(paper):
    table = paper.up(EXAMPLES["DynamoTable"]).one("dynamodb/table:Table", "it")

    assert table.protect
    assert table.inputs["deletionProtectionEnabled"] is True
    assert table.inputs["serverSideEncryption"]["enabled"] is True
    assert table.inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
    assert not {"readCapacity", "writeCapacity"} & table.inputs.keys()


def test_exactly_the_attributes_of_keys_are_defined_each_once(paper):
    table = paper.up(TABLE.format(more="attribute_types={'timestamp': 'N'}")).one(
        "dynamodb/table:Table", "it"
    )

    assert table.inputs["attributes"] == [
        {"name": "userId", "type": "S"},
        {"name": "timestamp", "type": "N"},
        {"name": "eventType", "type": "S"},
    ]


def test_an_index_shows_all_some_or_only_its_keys(paper):
    plan = paper.up("""
    DynamoTable("it", DynamoTableArgs(table_name="Sessions", hash_key="sessionId", indexes=[
        GlobalIndex(index_name="all", hash_key="userId", range_key="startTime"),
        GlobalIndex(index_name="some", hash_key="userId", projected=["device"]),
        GlobalIndex(index_name="keys", hash_key="userId", projected=[]),
    ]))
    """)
    indexes = plan.one("dynamodb/table:Table", "it").inputs["globalSecondaryIndexes"]

    assert [each["projectionType"] for each in indexes] == ["ALL", "INCLUDE", "KEYS_ONLY"]
    assert indexes[0]["keySchemas"] == [
        {"attributeName": "userId", "keyType": "HASH"},
        {"attributeName": "startTime", "keyType": "RANGE"},
    ]
    assert indexes[1]["nonKeyAttributes"] == ["device"]


def test_provisioned_capacity_of_table_and_indexes_follows_the_use(paper):
    plan = paper.up(TABLE.format(more=CAPACITY))
    table = plan.one("dynamodb/table:Table", "it")
    targets = [each.inputs for each in plan.all("appautoscaling/target:Target")]
    (reads,) = [
        each for each in targets if each["scalableDimension"] == "dynamodb:index:ReadCapacityUnits"
    ]

    assert (table.inputs["readCapacity"], table.inputs["writeCapacity"]) == (5, 6)
    assert len(targets) == len(plan.all("appautoscaling/policy:Policy")) == 4
    assert reads["resourceId"].endswith("/index/eventType-timestamp")
    assert (reads["minCapacity"], reads["maxCapacity"]) == (5, 100)


def test_what_autoscaling_owns_is_left_alone(paper):
    paper.up(TABLE.format(more=CAPACITY))
    plan = paper.up(TABLE.format(more=CAPACITY.replace("read_minimum=5", "read_minimum=7")))
    table = plan.one("dynamodb/table:Table", "it").inputs

    assert table["readCapacity"] == table["globalSecondaryIndexes"][0]["readCapacity"] == 5
    assert plan.one("appautoscaling/target:Target", "it-read-scaling").inputs["minCapacity"] == 7


def test_a_replica_can_be_restored_and_is_protected_as_well(paper):
    more = """stream="NEW_AND_OLD_IMAGES", key_arn="arn:here",
        replicas=[TableReplica(region="us-west-2", key_arn="arn:there")]"""
    (replica,) = paper.up(TABLE.format(more=more)).all("TableReplica")

    assert replica.inputs["region"] == "us-west-2"
    assert replica.inputs["kmsKeyArn"] == "arn:there"
    assert replica.inputs["pointInTimeRecovery"] is True
    assert replica.inputs["deletionProtectionEnabled"] is True


def test_replicas_wait_until_autoscaling_owns_the_capacity_as_dynamodb_insists(paper):
    more = f"""{CAPACITY}, stream="NEW_AND_OLD_IMAGES", key_arn="arn:here",
        replicas=[TableReplica(region="us-west-2", key_arn="arn:there")]"""
    (replica,) = paper.up(TABLE.format(more=more)).all("TableReplica")

    waits = {urn.rpartition("::")[2] for urn in replica.depends_on}
    assert {"it-read-tracking", "it-write-tracking"} <= waits


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("attribute_types={'color': 'S'}", "attribute_types has 'color', which no key uses"),
        ("recovery_days=36", "recovery_days is 36: must be 0 to 35"),
        ("replicas=[TableReplica(region='us-west-2')]", "replicas need 'NEW_AND_OLD_IMAGES'"),
        (CAPACITY.replace("=100", "=4"), "read units 5 to 4"),
        (
            "stream='NEW_AND_OLD_IMAGES', key_arn='arn', replicas=[TableReplica(region='x')]",
            "the replica in x must have a key_arn if the table has one",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(TABLE.format(more=more))
