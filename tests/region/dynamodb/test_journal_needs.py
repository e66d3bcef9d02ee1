"""What a journal and a lease need of DynamoDB, asked of the region as of AWS."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs import wait_for
from support.region import RunningRegion


class Journal:
    """A table with the keys `pk` and `sk`."""

    def __init__(self, region: RunningRegion) -> None:
        self.client = region.client("dynamodb")
        self.name = f"journal-{uuid.uuid4().hex[:8]}"
        keys = {"pk": "HASH", "sk": "RANGE"}
        self.client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            BillingMode="PAY_PER_REQUEST",
        )

    def key(self, sk: str, pk: str = "p") -> dict[str, Any]:
        return {"pk": {"S": pk}, "sk": {"S": sk}}

    def put(self, sk: str, token: int = 1, **more: Any) -> Any:
        item = {**self.key(sk), "token": {"N": str(token)}}
        return self.client.put_item(TableName=self.name, Item=item, **more)

    def get(self, sk: str) -> dict[str, Any] | None:
        asked = {"TableName": self.name, "Key": self.key(sk), "ConsistentRead": True}
        return self.client.get_item(**asked).get("Item")

    def item(self, sk: str) -> dict[str, Any]:
        found = self.get(sk)
        assert found is not None
        return found

    def write(self, *items: dict[str, Any], **more: Any) -> Any:
        return self.client.transact_write_items(TransactItems=list(items), **more)

    def putting(self, sk: str, token: int = 1, **more: Any) -> dict[str, Any]:
        item = {**self.key(sk), "token": {"N": str(token)}}
        return {"Put": {"TableName": self.name, "Item": item, **more}}

    def checking(self, sk: str, token: int, **more: Any) -> dict[str, Any]:
        return {
            "ConditionCheck": {
                "TableName": self.name,
                "Key": self.key(sk),
                "ConditionExpression": "#t = :t",
                "ExpressionAttributeNames": {"#t": "token"},
                "ExpressionAttributeValues": {":t": {"N": str(token)}},
                **more,
            }
        }


@pytest.fixture
def journal(region: RunningRegion) -> Journal:
    return Journal(region)


def failure(caught: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return caught.value.response["Error"]


def test_a_conditional_put_writes_once_and_says_what_is_there(journal: Journal) -> None:
    once = {"ConditionExpression": "attribute_not_exists(pk)"}
    journal.put("lease", 1, **once)
    with pytest.raises(ClientError) as caught:
        journal.put("lease", 2, ReturnValuesOnConditionCheckFailure="ALL_OLD", **once)

    assert failure(caught)["Code"] == "ConditionalCheckFailedException"
    assert failure(caught)["Message"] == "The conditional request failed"
    assert caught.value.response["Item"]["token"] == {"N": "1"}
    assert journal.item("lease")["token"] == {"N": "1"}


def test_of_many_conditional_updates_at_once_exactly_one_wins(journal: Journal) -> None:
    journal.put("lease", 7)

    def take(number: int) -> bool:
        try:
            journal.client.update_item(
                TableName=journal.name,
                Key=journal.key("lease"),
                UpdateExpression="SET #t = #t + :one, holder = :holder",
                ConditionExpression="#t = :seen",
                ExpressionAttributeNames={"#t": "token"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":seen": {"N": "7"},
                    ":holder": {"S": str(number)},
                },
            )
        except journal.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(take, range(64)))

    assert sum(won) == 1
    item = journal.item("lease")
    assert item["token"] == {"N": "8"}
    assert item["holder"] == {"S": str(won.index(True))}


def test_a_transaction_whose_fencing_token_is_old_writes_nothing_and_says_which_check_failed(
    journal: Journal,
) -> None:
    journal.put("lease", 3)
    journal.write(journal.checking("lease", 3), journal.putting("intent"))
    with pytest.raises(ClientError) as caught:
        journal.write(
            journal.putting("result"),
            journal.checking("lease", 2, ReturnValuesOnConditionCheckFailure="ALL_OLD"),
            journal.putting("audit"),
        )

    assert failure(caught)["Code"] == "TransactionCanceledException"
    assert "[None, ConditionalCheckFailed, None]" in failure(caught)["Message"]
    reasons = caught.value.response["CancellationReasons"]
    assert [one["Code"] for one in reasons] == ["None", "ConditionalCheckFailed", "None"]
    assert reasons[1]["Item"]["token"] == {"N": "3"}
    assert journal.get("intent") is not None
    assert journal.get("result") is None
    assert journal.get("audit") is None


def test_a_transaction_repeated_with_its_token_happens_once(journal: Journal) -> None:
    journal.put("count", 0)
    update = {
        "Update": {
            "TableName": journal.name,
            "Key": journal.key("count"),
            "UpdateExpression": "SET #t = #t + :one",
            "ExpressionAttributeNames": {"#t": "token"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    token = str(uuid.uuid4())
    for _ in range(3):
        journal.write(update, ClientRequestToken=token)
    with pytest.raises(ClientError) as caught:
        journal.write(journal.putting("other"), ClientRequestToken=token)

    assert journal.item("count")["token"] == {"N": "1"}
    assert failure(caught)["Code"] == "IdempotentParameterMismatchException"


def test_a_transaction_touches_an_item_only_once(journal: Journal) -> None:
    with pytest.raises(ClientError) as caught:
        journal.write(journal.putting("a"), journal.putting("a", 2))

    assert failure(caught)["Code"] == "ValidationException"
    assert "multiple operations on one item" in failure(caught)["Message"]


def test_an_update_gives_back_what_it_made(journal: Journal) -> None:
    answer = journal.client.update_item(
        TableName=journal.name,
        Key=journal.key("release"),
        UpdateExpression="SET #n = if_not_exists(#n, :zero) + :one ADD seen :names",
        ExpressionAttributeNames={"#n": "number"},
        ExpressionAttributeValues={
            ":zero": {"N": "0"},
            ":one": {"N": "1"},
            ":names": {"SS": ["a", "b"]},
        },
        ReturnValues="ALL_NEW",
    )

    assert answer["Attributes"]["number"] == {"N": "1"}
    assert sorted(answer["Attributes"]["seen"]["SS"]) == ["a", "b"]


def test_items_come_in_order_of_their_key_both_ways_and_in_pages(journal: Journal) -> None:
    names = [f"{number:04d}" for number in range(25)]
    for name in reversed(names):
        journal.put(name)
    asked = {
        "TableName": journal.name,
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "p"}},
        "ConsistentRead": True,
    }
    paginator = journal.client.get_paginator("query")
    pages = list(paginator.paginate(**asked, PaginationConfig={"PageSize": 10}))
    last = journal.client.query(**asked, ScanIndexForward=False, Limit=1)["Items"]
    some = journal.client.query(
        **{
            **asked,
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :s)",
            "ExpressionAttributeValues": {":p": {"S": "p"}, ":s": {"S": "001"}},
        }
    )

    assert [len(page["Items"]) for page in pages] == [10, 10, 5]
    assert [item["sk"]["S"] for page in pages for item in page["Items"]] == names
    assert last[0]["sk"]["S"] == names[-1]
    assert some["Count"] == 10


def test_numbers_keep_their_38_digits(journal: Journal) -> None:
    number = "12345678901234567890123456789012345678"
    journal.client.put_item(
        TableName=journal.name, Item={**journal.key("n"), "token": {"N": number}}
    )

    assert journal.item("n")["token"] == {"N": number}


def test_an_item_above_400_kib_is_refused(journal: Journal) -> None:
    item = {**journal.key("big"), "text": {"S": "x" * 410_000}}
    with pytest.raises(ClientError) as caught:
        journal.client.put_item(TableName=journal.name, Item=item)

    assert failure(caught)["Code"] == "ValidationException"
    assert "Item size has exceeded the maximum allowed size" in failure(caught)["Message"]


def test_a_time_to_live_is_set_and_read_back(journal: Journal) -> None:
    wanted = {"Enabled": True, "AttributeName": "expires"}
    journal.client.update_time_to_live(TableName=journal.name, TimeToLiveSpecification=wanted)
    told = journal.client.describe_time_to_live(TableName=journal.name)["TimeToLiveDescription"]

    assert told["AttributeName"] == "expires"
    assert told["TimeToLiveStatus"] in {"ENABLING", "ENABLED"}


def test_a_table_that_is_not_there_is_named(journal: Journal) -> None:
    with pytest.raises(journal.client.exceptions.ResourceNotFoundException):
        journal.client.get_item(TableName="none", Key=journal.key("a"))


def test_a_protected_table_cannot_be_deleted(journal: Journal) -> None:
    journal.client.update_table(TableName=journal.name, DeletionProtectionEnabled=True)
    with pytest.raises(ClientError) as caught:
        journal.client.delete_table(TableName=journal.name)
    journal.client.update_table(TableName=journal.name, DeletionProtectionEnabled=False)
    journal.client.delete_table(TableName=journal.name)

    assert failure(caught)["Code"] == "ValidationException"
    wait_for(lambda: journal.name not in journal.client.list_tables()["TableNames"])
