"""The part of Lambda that the region serves itself: event source mappings, weights of aliases.

The emulator keeps functions and runs them. Its mappings stop for ever at a record that fails, so
the region reads streams and queues itself; its aliases know one version, so the region chooses.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from platformctl.region.cancellation import end_tasks
from platformctl.region.endpoint.server import Answer, Request
from platformctl.region.services.base import Call, Forward, Service, ServiceError
from platformctl.region.services.lambda_events.invocation import Invoker
from platformctl.region.services.lambda_events.invocations import Invocations, invoked
from platformctl.region.services.lambda_events.queues import QueuePoller
from platformctl.region.services.lambda_events.records import (
    description,
    invalid,
    new_record,
    settings,
)
from platformctl.region.services.lambda_events.shards import StreamPoller
from platformctl.region.services.lambda_events.streams import kind_of

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

_MAPPINGS = "/event-source-mappings"
_TAGS = "/tags/"
_OF_MAPPINGS = ":event-source-mapping:"


class EventSourceMappings(Service):
    """Event source mappings that deliver, and aliases that spread what they get."""

    name: ClassVar[str] = "lambda"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._invoker = Invoker(runtime)
        self._invocations = Invocations(runtime)
        self._pollers: dict[str, asyncio.Task[None]] = {}

    def answers(self, request: Request) -> bool:
        """Say whether a request is about mappings; functions are the emulator's."""
        path = unquote(urlsplit(request.target).path)
        return _MAPPINGS in path or (_TAGS in path and _OF_MAPPINGS in path)

    async def forward(self, region: str, request: Request, forward: Forward) -> Answer:
        """Pass a request on; an invocation goes to the version whose turn it is."""
        asked = invoked(request)
        if asked is None:
            return await forward(request)
        return await self._invocations.send(region, request, asked, forward)

    async def start(self) -> None:
        """Read for every mapping."""
        for region in self.runtime.store.regions(self.name):
            if not self.runtime.is_stopped(region):
                await self.start_region(region)

    async def stop(self) -> None:
        """Stop reading; what was done is written down."""
        await self._halt(list(self._pollers))

    async def stop_region(self, region: str) -> None:
        """Stop reading in one region."""
        await self._halt([record["UUID"] for record in self._table(region).values()])

    async def start_region(self, region: str) -> None:
        """Read for every mapping of one region."""
        for record in self._table(region).values():
            self._follow(region, record)

    # Operations.

    async def create_event_source_mapping(self, call: Call) -> dict[str, Any]:
        """Make a mapping and begin to read."""
        function, role = await self._function(call.region, call.parameters["FunctionName"])
        record = new_record(
            call.parameters, call.region, call.account, function, role, self.runtime.now()
        )
        for other in self._table(call.region).values():
            same = ("EventSourceArn", "FunctionArn")
            if all(other[key] == record[key] for key in same):
                raise ServiceError(
                    "ResourceConflictException",
                    f'The event source arn (" {record["EventSourceArn"]} ") and function '
                    f"already have a mapping: {other['UUID']}",
                    409,
                )
        await self._check_source(call.region, record)
        self._table(call.region)[record["UUID"]] = record
        answer = description(record)
        self._follow(call.region, record)
        return answer

    def get_event_source_mapping(self, call: Call) -> dict[str, Any]:
        """Describe a mapping."""
        return description(self._record(call))

    def list_event_source_mappings(self, call: Call) -> dict[str, Any]:
        """Describe the mappings of a source, a function, or all."""
        source = call.parameters.get("EventSourceArn")
        function = call.parameters.get("FunctionName")
        found = [
            description(record)
            for record in self._table(call.region).values()
            if (source is None or record["EventSourceArn"] == source)
            and (function is None or _is_of(record["FunctionArn"], function))
        ]
        return {"EventSourceMappings": found}

    async def update_event_source_mapping(self, call: Call) -> dict[str, Any]:
        """Change a mapping; it goes on where it is."""
        record = dict(self._record(call))
        record |= settings(call.parameters, record["EventSourceArn"])
        if call.parameters.get("FunctionName"):
            named = call.parameters["FunctionName"]
            record["FunctionArn"], record["role"] = await self._function(call.region, named)
        record["enabled"] = call.parameters.get("Enabled", record["enabled"])
        record["LastModified"] = self.runtime.now()
        await self._halt([record["UUID"]])
        self._table(call.region)[record["UUID"]] = record
        self._follow(call.region, record)
        return {**description(record), "State": "Updating"}

    async def delete_event_source_mapping(self, call: Call) -> dict[str, Any]:
        """Stop reading and forget the mapping."""
        record = self._record(call)
        identity = record["UUID"]
        await self._halt([identity])
        del self._table(call.region)[identity]
        checkpoints = self._checkpoints(call.region)
        mine = [key for key in checkpoints.keys() if key.startswith(f"{identity}/")]  # noqa: SIM118  # a table is no dict
        for key in mine:
            del checkpoints[key]
        return {**description(record), "State": "Deleting"}

    def tag_resource(self, call: Call) -> None:
        """Add tags to a mapping."""
        record = self._tagged(call)
        tags = {**record["tags"], **call.parameters["Tags"]}
        self._table(call.region)[record["UUID"]] = {**record, "tags": tags}

    def untag_resource(self, call: Call) -> None:
        """Remove tags of a mapping."""
        record, dropped = self._tagged(call), call.parameters["TagKeys"]
        tags = {key: value for key, value in record["tags"].items() if key not in dropped}
        self._table(call.region)[record["UUID"]] = {**record, "tags": tags}

    def list_tags(self, call: Call) -> dict[str, Any]:
        """Return the tags of a mapping."""
        return {"Tags": self._tagged(call)["tags"]}

    # Reality.

    def _follow(self, region: str, record: dict[str, Any]) -> None:
        """Read for a mapping if it is enabled, and say so in its record."""
        identity = record["UUID"]
        record["State"] = "Enabled" if record["enabled"] else "Disabled"
        self._table(region)[identity] = record
        if not record["enabled"] or identity in self._pollers:
            return
        poller = self._poller(region, record)
        self._pollers[identity] = self.runtime.spawn(f"lambda/{region}/{identity}", poller.run())

    def _poller(self, region: str, record: dict[str, Any]) -> StreamPoller | QueuePoller:
        identity, kind = record["UUID"], kind_of(record["EventSourceArn"])

        def report(result: str) -> None:
            known = self._table(region).get(identity)
            if known is not None and known["LastProcessingResult"] != result:
                self._table(region)[identity] = {**known, "LastProcessingResult": result}

        if kind is None:
            return QueuePoller(self.runtime, self._invoker, region, record, report)
        checkpoints = self._checkpoints(region)
        return StreamPoller(self.runtime, self._invoker, region, record, kind, checkpoints, report)

    async def _halt(self, identities: list[str]) -> None:
        tasks = [self._pollers.pop(key) for key in identities if key in self._pollers]
        await end_tasks(*tasks)

    # Records.

    def _table(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "mappings")

    def _checkpoints(self, region: str) -> "Table":
        return self.runtime.store.table(self.name, region, "checkpoints")

    def _record(self, call: Call) -> dict[str, Any]:
        record = self._table(call.region).get(call.parameters["UUID"])
        if record is None:
            raise ServiceError(
                "ResourceNotFoundException", "The resource you requested does not exist.", 404
            )
        return record

    def _tagged(self, call: Call) -> dict[str, Any]:
        identity = call.parameters["Resource"].rpartition(":")[2]
        parameters = {"UUID": identity}
        return self._record(Call(call.region, call.account, call.operation, parameters))

    async def _function(self, region: str, name: str) -> tuple[str, str]:
        """Return the ARN of a function, version or alias, and its role's."""
        try:
            found = await self.runtime.call(
                "lambda", region, "get_function_configuration", {"FunctionName": name}
            )
        except ClientError as error:
            raise invalid(f"Function does not exist: {name}") from error
        _, _, qualifier = _split(name)
        plain = ":".join(found["FunctionArn"].split(":")[:7])
        return (f"{plain}:{qualifier}" if qualifier else plain), found["Role"]

    async def _check_source(self, region: str, record: Mapping[str, Any]) -> None:
        """Refuse a source that is not there, or a queue that hides messages too briefly."""
        source = record["EventSourceArn"]
        kind = kind_of(source)
        try:
            if kind is not None:
                operation, _ = kind.shards
                await self.runtime.call(kind.service, region, operation, kind.names_stream(source))
                return
            queue = await self.runtime.call(
                "sqs", region, "get_queue_url", {"QueueName": source.rpartition(":")[2]}
            )
            asked = {"QueueUrl": queue["QueueUrl"], "AttributeNames": ["VisibilityTimeout"]}
            answer = await self.runtime.call("sqs", region, "get_queue_attributes", asked)
            function = await self.runtime.call(
                "lambda",
                region,
                "get_function_configuration",
                {"FunctionName": record["FunctionArn"]},
            )
        except ClientError as error:
            raise invalid(f"Event source {source} cannot be read: {error}") from error
        visible, timeout = int(answer["Attributes"]["VisibilityTimeout"]), function["Timeout"]
        if visible < timeout:
            raise invalid(
                f"Queue visibility timeout: {visible} seconds is less than Function timeout: "
                f"{timeout} seconds"
            )


def _split(name: str) -> tuple[str, str, str]:
    """Return what names a function: the ARN's beginning if it is one, the name, the qualifier."""
    start, found, rest = name.partition(":function:")
    function, _, qualifier = (rest if found else name).partition(":")
    return start if found else "", function, qualifier


def _is_of(arn: str, name: str) -> bool:
    """Say whether an ARN names a function as somebody else names it."""
    _, function, qualifier = _split(arn)
    _, other, wanted = _split(name)
    return function == other and wanted in ("", qualifier)
