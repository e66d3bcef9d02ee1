"""Rotation of secrets, and replicas from the start: what the emulator leaves out.

The emulator keeps secrets, their versions and replicas, but makes no replica with a new secret.
This service answers that operation and the three that rotation is about. It calls the rotation
function for each of the four steps as Secrets Manager does, and rotates what is due. A rotation
that was cut off is taken up again with the same version.
"""

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region import environment
from platformctl.region.cancellation import end_tasks
from platformctl.region.endpoint.server import Request
from platformctl.region.runtime import Table
from platformctl.region.services.base import Call, Service, ServiceError

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
PRINCIPAL = "secretsmanager.amazonaws.com"
ATTEMPTS = 3
_OWN = frozenset({"CancelRotateSecret", "CreateSecret", "DescribeSecret", "RotateSecret"})
_LOOK_SECONDS = 15.0
_DAY = 86400
_RATE = re.compile(r"rate\((\d+) (hour|hours|day|days)\)")
Record = dict[str, Any]


class Rotation(Service):
    """RotateSecret, CancelRotateSecret, and what DescribeSecret says about rotation."""

    name = "secretsmanager"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._clock: asyncio.Task[Any] | None = None

    def answers(self, request: Request) -> bool:
        """Say whether a request is about rotation; the region's own questions pass through."""
        if environment.USER_AGENT in request.headers.get("user-agent", ""):
            return False
        return request.headers.get("x-amz-target", "").rpartition(".")[2] in _OWN

    async def start(self) -> None:
        """Take up what was cut off, and rotate what is due from now on."""
        for region in self.runtime.store.regions(self.name):
            await self.start_region(region)
        self._clock = self.runtime.spawn("secretsmanager/rotation", self._keep_time())

    async def stop(self) -> None:
        """Stop; a rotation that runs is taken up by the next start."""
        tasks = [*self._running.values(), *([self._clock] if self._clock else [])]
        await end_tasks(*tasks)

    async def start_region(self, region: str) -> None:
        """Take up the rotations of one region that were cut off."""
        if self.runtime.is_stopped(region):
            return
        for record in self.rotations(region).values():
            if record["Pending"]:
                self._begin(region, record["ARN"])

    async def stop_region(self, region: str) -> None:
        """Stop the rotations of one region name: an outage."""
        for arn in [each for each in self._running if each.split(":")[3] == region]:
            self._running.pop(arn).cancel()

    def rotations(self, region: str) -> Table:
        """Return how secrets are rotated, by ARN."""
        return self.runtime.store.table(self.name, region, "rotations")

    # -- operations

    async def create_secret(self, call: Call) -> dict[str, Any]:
        """Create a secret, with its replicas."""
        parameters = {key: value for key, value in call.parameters.items() if value is not None}
        regions = parameters.pop("AddReplicaRegions", None)
        overwrite = parameters.pop("ForceOverwriteReplicaSecret", False)
        made = await self._passed_on(call.region, "create_secret", parameters)
        if not regions:
            return made
        wanted = {"AddReplicaRegions": regions, "ForceOverwriteReplicaSecret": overwrite}
        replicated = await self._passed_on(
            call.region, "replicate_secret_to_regions", {"SecretId": made["ARN"], **wanted}
        )
        return {**made, "ReplicationStatus": replicated.get("ReplicationStatus")}

    async def rotate_secret(self, call: Call) -> dict[str, Any]:
        """Set how a secret is rotated, and rotate it at once unless told otherwise."""
        parameters = call.parameters
        secret = await self._secret(call.region, parameters["SecretId"])
        arn = secret["ARN"]
        before = self.rotations(call.region).get(arn) or {}
        function = parameters.get("RotationLambdaARN") or before.get("Lambda")
        if not function:
            raise ServiceError(
                "InvalidRequestException",
                "No Lambda rotation function ARN is associated with this secret.",
            )
        if before.get("Pending") and arn in self._running:
            raise ServiceError(
                "InvalidRequestException",
                "A previous rotation isn't complete. That rotation will be reattempted.",
            )
        rules = dict(parameters.get("RotationRules") or before.get("Rules") or {})
        _seconds_between(rules)
        await self._must_be_invocable(call.region, function)
        at_once = parameters.get("RotateImmediately") is not False
        token = parameters.get("ClientRequestToken") or str(uuid4())
        now = self.runtime.now()
        self.rotations(call.region)[arn] = {
            "ARN": arn,
            "Lambda": function,
            "Rules": rules,
            "Enabled": True,
            "Since": before.get("Since") or now,
            "Last": before.get("Last"),
            "Pending": token if at_once else "",
            "Error": "",
        }
        if at_once:
            self._begin(call.region, arn)
        return {"ARN": arn, "Name": secret["Name"], **({"VersionId": token} if at_once else {})}

    async def cancel_rotate_secret(self, call: Call) -> dict[str, Any]:
        """Rotate a secret no more; a rotation that runs is given up."""
        secret = await self._secret(call.region, call.parameters["SecretId"])
        record = self.rotations(call.region).get(secret["ARN"])
        task = self._running.pop(secret["ARN"], None)
        if task is not None:
            task.cancel()
        if record is not None:
            changed = {**record, "Enabled": False, "Pending": ""}
            self.rotations(call.region)[secret["ARN"]] = changed
        return {"ARN": secret["ARN"], "Name": secret["Name"]}

    async def describe_secret(self, call: Call) -> dict[str, Any]:
        """Describe a secret with its rotation, and with the version that is to come."""
        secret = await self._secret(call.region, call.parameters["SecretId"])
        record = self.rotations(call.region).get(secret["ARN"])
        if record is None:
            return {**secret, "RotationEnabled": False}
        stages = dict(secret.get("VersionIdsToStages") or {})
        if record["Pending"] and record["Pending"] not in stages:
            stages[record["Pending"]] = ["AWSPENDING"]
        return {
            **secret,
            "VersionIdsToStages": stages,
            "RotationEnabled": record["Enabled"],
            "RotationLambdaARN": record["Lambda"],
            "RotationRules": record["Rules"],
            "LastRotatedDate": record["Last"],
            "NextRotationDate": _due(record) if record["Enabled"] else None,
        }

    async def _secret(self, region: str, identity: str) -> dict[str, Any]:
        return await self._passed_on(region, "describe_secret", {"SecretId": identity})

    async def _passed_on(
        self, region: str, operation: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what the emulator answers.

        Raises:
            ServiceError: It refused.
        """
        try:
            found = await self.runtime.call(self.name, region, operation, parameters)
        except ClientError as error:
            told = error.response["Error"]
            raise ServiceError(told["Code"], told["Message"]) from error
        return {key: value for key, value in found.items() if key != "ResponseMetadata"}

    async def _must_be_invocable(self, region: str, function: str) -> None:
        """Refuse a function that Secrets Manager may not invoke, as AWS does beforehand.

        Raises:
            ServiceError: It does not exist, or its policy does not name Secrets Manager.
        """
        name, qualifier = _function(function)
        asked = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
        try:
            policy = await self.runtime.call("lambda", region, "get_policy", asked)
        except ClientError:
            policy = {"Policy": "{}"}
        statements = json.loads(policy["Policy"]).get("Statement", [])
        services = [_service(each.get("Principal")) for each in statements]
        if PRINCIPAL not in services:
            raise ServiceError(
                "AccessDeniedException",
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the "
                f"function policy grants access to the principal {PRINCIPAL}.",
            )

    # -- rotating

    def _begin(self, region: str, arn: str) -> None:
        if arn not in self._running:
            name = f"secretsmanager/rotation/{arn.rpartition(':')[2]}"
            self._running[arn] = self.runtime.spawn(name, self._rotate(region, arn))

    async def _rotate(self, region: str, arn: str) -> None:
        """Go through the four steps, again from the first if one fails."""
        table = self.rotations(region)
        record = table[arn]
        error = ""
        for _ in range(ATTEMPTS):
            error = await self._steps(region, record)
            if not error:
                break
            log.warning("the rotation of %s failed: %s", arn, error)
        self._running.pop(arn, None)
        latest = table.get(arn)
        if latest is not None and latest["Pending"] == record["Pending"]:
            last = record["Last"] if error else self.runtime.now()
            table[arn] = {**latest, "Pending": "", "Last": last, "Error": error}

    async def _steps(self, region: str, record: Record) -> str:
        """Call the function for each step; return why one failed, "" if none did."""
        for step in STEPS:
            event = {
                "Step": step,
                "SecretId": record["ARN"],
                "ClientRequestToken": record["Pending"],
            }
            parameters = {"FunctionName": record["Lambda"], "Payload": json.dumps(event).encode()}
            try:
                answer = await self.runtime.call("lambda", region, "invoke", parameters)
            except (ClientError, BotoCoreError) as error:
                return f"{step}: {error}"
            if answer.get("FunctionError"):
                payload = await asyncio.to_thread(answer["Payload"].read)
                return f"{step}: {_reason(payload)}"
        return ""

    async def _keep_time(self) -> None:
        while True:
            for region in self.runtime.store.regions(self.name):
                if not self.runtime.is_stopped(region):
                    await self._rotate_due(region)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _rotate_due(self, region: str) -> None:
        table = self.rotations(region)
        for record in table.values():
            due = _due(record) if record["Enabled"] and not record["Pending"] else None
            if due is None or due > self.runtime.now():
                continue
            try:
                await self._secret(region, record["ARN"])
            except ServiceError:
                del table[record["ARN"]]  # the secret is gone
                continue
            table[record["ARN"]] = {**record, "Pending": str(uuid4()), "Since": self.runtime.now()}
            self._begin(region, record["ARN"])


def _seconds_between(rules: Record) -> int | None:
    """Return how long a value is used; None if it is rotated on request only.

    Raises:
        ServiceError: The rules cannot be.
    """
    days, expression = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    if days and expression:
        raise ServiceError(
            "InvalidParameterException",
            "You can't specify both AutomaticallyAfterDays and ScheduleExpression.",
        )
    if days is not None:
        if not 1 <= days <= 1000:
            raise ServiceError(
                "InvalidParameterException", "AutomaticallyAfterDays must be 1 to 1000."
            )
        return days * _DAY
    if expression is None:
        return None
    found = _RATE.fullmatch(expression)
    if found is None:
        raise ServiceError(
            "InvalidParameterException",
            f"The schedule {expression} is not in the local region, only rate(n hours|days).",
        )
    return int(found[1]) * (_DAY if found[2].startswith("day") else 3600)


def _due(record: Record) -> float | None:
    seconds = _seconds_between(record["Rules"])
    return None if seconds is None else max(record["Last"] or 0, record["Since"]) + seconds


def _function(arn: str) -> tuple[str, str]:
    """Return a function's ARN without qualifier, and the qualifier."""
    parts = arn.split(":")
    return ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""


def _service(principal: Any) -> str:
    return principal.get("Service", "") if isinstance(principal, dict) else str(principal)


def _reason(payload: bytes) -> str:
    """Return what a function's error says, without its stack trace."""
    try:
        document = json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")[:500]
    return f"{document.get('errorType', 'Error')}: {document.get('errorMessage', '')}"
