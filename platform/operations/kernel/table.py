"""The operations table: one DynamoDB table an environment, written to by conditions only."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from platformctl.errors import StateError

Item = Mapping[str, Any]
_SERIALIZE = TypeSerializer().serialize
_DESERIALIZE = TypeDeserializer().deserialize
_REFUSED = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})
_CONFLICT = "TransactionConflict"


class RefusedError(Exception):
    """A condition did not hold: somebody else wrote first."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition on an item.

    Attributes:
        expression: In DynamoDB's language; names as `#name`, values as `:name`.
        names: The names of attributes, without `#`.
        values: Name without `:` → value.
    """

    expression: str
    names: Sequence[str] = ()
    values: Mapping[str, Any] | None = None

    def arguments(self) -> dict[str, Any]:
        """Return it as boto3 takes it."""
        found: dict[str, Any] = {"ConditionExpression": self.expression}
        if self.names:
            found["ExpressionAttributeNames"] = {f"#{name}": name for name in self.names}
        if self.values:
            found["ExpressionAttributeValues"] = {
                f":{name}": _SERIALIZE(value) for name, value in self.values.items()
            }
        return found


ABSENT = Condition(expression="attribute_not_exists(pk)")


@dataclass(frozen=True)
class OperationsTable:
    """The table.

    Attributes:
        client: DynamoDB client of boto3.
        name: Name of the table.
    """

    client: Any
    name: str

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item as it is now (a strongly consistent read)."""
        found = self._call(
            "get_item", Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        ).get("Item")
        return _plain(found) if found else None

    def query(
        self, pk: str, *, newest_first: bool = False, prefix: str = "", after: str = ""
    ) -> Iterator[Item]:
        """Yield the items of a partition in the order of their sort keys.

        Args:
            pk: The partition.
            newest_first: Whether the last one comes first.
            prefix: What their sort keys begin with.
            after: Only those whose sort key, which begins with the prefix too, comes after this.
        """
        expression, values = "pk = :pk", {":pk": {"S": pk}}
        if after > prefix:
            # A sort key has one condition; the last possible key of the prefix ends the range.
            expression += " AND sk BETWEEN :after AND :last"
            values |= {":after": {"S": f"{after}\0"}, ":last": {"S": f"{prefix}\U0010ffff"}}
        elif prefix:
            expression += " AND begins_with(sk, :prefix)"
            values[":prefix"] = {"S": prefix}
        arguments: dict[str, Any] = {
            "KeyConditionExpression": expression,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        while True:
            page = self._call("query", **arguments)
            yield from map(_plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Write an item.

        Raises:
            RefusedError: The condition does not hold.
        """
        arguments = condition.arguments() if condition else {}
        self._call("put_item", Item=_typed(item), **arguments)

    def delete(self, pk: str, sk: str) -> None:
        """Delete an item."""
        self._call("delete_item", Key={"pk": {"S": pk}, "sk": {"S": sk}})

    def write(self, *puts: tuple[Item, Condition | None], check: "Check | None" = None) -> None:
        """Write items together or not at all.

        Args:
            puts: Items with their conditions.
            check: A condition on an item that is not written.

        Raises:
            RefusedError: A condition does not hold.
        """
        actions: list[dict[str, Any]] = [
            {
                "Put": {
                    "TableName": self.name,
                    "Item": _typed(item),
                    **(condition.arguments() if condition else {}),
                }
            }
            for item, condition in puts
        ]
        if check:
            key = {"pk": {"S": check.pk}, "sk": {"S": check.sk}}
            found = {"TableName": self.name, "Key": key, **check.condition.arguments()}
            actions.append({"ConditionCheck": found})
        self._call("transact_write_items", named=False, TransactItems=actions)

    def _call(self, action: str, *, named: bool = True, **arguments: Any) -> Any:
        if named:
            arguments["TableName"] = self.name
        try:
            return getattr(self.client, action)(**arguments)
        except self.client.exceptions.ResourceNotFoundException as error:
            raise StateError(
                f"there is no operations table {self.name}",
                why="the environment was not deployed, or by an older platformctl",
                remedy="deploy it first: platformctl up ENV",
            ) from error
        except ClientError as error:
            if _is_refusal(error):
                raise RefusedError(str(error)) from error
            raise


@dataclass(frozen=True, kw_only=True)
class Check:
    """A condition on an item that is not written.

    Attributes:
        pk: Partition key of the item.
        sk: Its sort key.
        condition: What must hold.
    """

    pk: str
    sk: str
    condition: Condition


def _is_refusal(error: ClientError) -> bool:
    """Tell whether a condition did not hold, which trying again would not change."""
    if error.response["Error"]["Code"] not in _REFUSED:
        return False
    reasons = error.response.get("CancellationReasons") or ()
    return not any(reason.get("Code") == _CONFLICT for reason in reasons)


def _typed(item: Item) -> dict[str, Any]:
    return {name: _SERIALIZE(value) for name, value in item.items() if value is not None}


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _DESERIALIZE(value) for name, value in item.items()}


def text(document: Mapping[str, Any]) -> str:
    """Return a document as an attribute holds it; numbers stay what they are."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
