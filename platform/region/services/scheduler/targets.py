"""What a schedule does when it is time: one call for each kind of target, tried again, or kept."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.base import ServiceError
from platformctl.region.services.scheduler import universal
from platformctl.region.services.scheduler.universal import Request

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)

MOST_RETRIES, OLDEST = 185, 86_400
LONGEST_PAUSE = 60.0
Target = Mapping[str, Any]


class TargetError(Exception):
    """A target that could not be called; has an error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _run_task(target: Target) -> Request:
    said = target["EcsParameters"]
    network = (said.get("NetworkConfiguration") or {}).get("awsvpcConfiguration") or {}
    awsvpc = {key[0].lower() + key[1:]: value for key, value in network.items()}
    asked = {
        "cluster": target["Arn"],
        "taskDefinition": said["TaskDefinitionArn"],
        "count": said.get("TaskCount", 1),
        "launchType": said.get("LaunchType"),
        "platformVersion": said.get("PlatformVersion"),
        "propagateTags": said.get("PropagateTags"),
        "enableECSManagedTags": said.get("EnableECSManagedTags"),
        "enableExecuteCommand": said.get("EnableExecuteCommand"),
        "group": said.get("Group"),
        "networkConfiguration": {"awsvpcConfiguration": awsvpc} if awsvpc else None,
        "overrides": json.loads(target["Input"]) if target.get("Input") else None,
    }
    wanted = {key: value for key, value in asked.items() if value is not None}
    return Request("ecs", "run_task", wanted)


def _invoke(target: Target) -> Request:
    payload = target.get("Input", "{}").encode()
    asked = {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": payload}
    return Request("lambda", "invoke", asked)


def _send(target: Target) -> Request:
    account, name = target["Arn"].split(":")[4:6]
    asked = {"QueueUrl": f"{account}/{name}", "MessageBody": target.get("Input", "{}")}
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    return Request("sqs", "send_message", {**asked, **({"MessageGroupId": group} if group else {})})


def _publish(target: Target) -> Request:
    asked = {"TopicArn": target["Arn"], "Message": target.get("Input", "{}")}
    return Request("sns", "publish", asked)


REQUESTS: Mapping[str, Callable[[Target], Request]] = {
    "ecs": _run_task,
    "lambda": _invoke,
    "sqs": _send,
    "sns": _publish,
}
"""Service in the target's ARN → the call that a schedule makes."""


def check(target: Target) -> None:
    """Refuse a target that no schedule can have.

    Raises:
        ServiceError: It is of a service that the local region does not call, or incomplete.
    """
    if universal.is_universal(target["Arn"]):
        universal.request(target)
        return
    parts = target["Arn"].split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service not in REQUESTS:
        known = ", ".join(REQUESTS)
        raise ServiceError(
            "ValidationException",
            f"A schedule of the local region calls {known} or {universal.PREFIX}…, not "
            f"{target['Arn']}.",
        )
    if (service == "ecs") != ("EcsParameters" in target):
        raise ServiceError("ValidationException", "EcsParameters must be given for ECS only.")


async def reach(runtime: "Runtime", region: str, target: Target, name: str) -> None:
    """Call a target; when it cannot be called often or long enough, keep what was not done."""
    policy = target.get("RetryPolicy") or {}
    attempts = 1 + int(policy.get("MaximumRetryAttempts", MOST_RETRIES))
    deadline = runtime.now() + int(policy.get("MaximumEventAgeInSeconds", OLDEST))
    pause, failure = 1.0, TargetError("", "")
    for attempt in range(1, attempts + 1):
        try:
            await _call(runtime, region, target)
        except TargetError as error:
            failure = error
            log.info("schedule %s, attempt %d: %s", name, attempt, error)
        else:
            return
        if attempt == attempts or runtime.now() + pause > deadline:
            break
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    await _keep(runtime, region, target, name, failure)


async def _call(runtime: "Runtime", region: str, target: Target) -> None:
    request = _request(target)
    parameters = request.parameters
    try:
        if request.service == "sqs" and not universal.is_universal(target["Arn"]):
            parameters = {**parameters, "QueueUrl": await _queue(runtime, region, target["Arn"])}
        answer = await runtime.call(request.service, region, request.operation, parameters)
    except ClientError as error:
        raise TargetError(error.response["Error"]["Code"], str(error)) from error
    except BotoCoreError as error:
        raise TargetError(type(error).__name__, str(error)) from error
    for failure in answer.get("failures") or ():
        raise TargetError("TargetFailure", failure.get("reason", "the task was not started"))


def _request(target: Target) -> Request:
    if universal.is_universal(target["Arn"]):
        return universal.request(target)
    return REQUESTS[target["Arn"].split(":")[2]](target)


async def _queue(runtime: "Runtime", region: str, arn: str) -> str:
    asked = {"QueueName": arn.rpartition(":")[2]}
    return (await runtime.call("sqs", region, "get_queue_url", asked))["QueueUrl"]


async def _keep(
    runtime: "Runtime", region: str, target: Target, name: str, failure: TargetError
) -> None:
    """Put what was not done into the dead-letter queue, with why."""
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn is None:
        log.warning("schedule %s could not reach its target: %s", name, failure)
        return
    attributes = {
        "ERROR_CODE": failure.code or "Unknown",
        "ERROR_MESSAGE": str(failure) or "unknown",
        "TARGET_ARN": target["Arn"],
    }
    try:
        message = {
            "QueueUrl": await _queue(runtime, region, arn),
            "MessageBody": target.get("Input", "{}"),
            "MessageAttributes": {
                key: {"DataType": "String", "StringValue": value}
                for key, value in attributes.items()
            },
        }
        await runtime.call("sqs", region, "send_message", message)
    except (ClientError, BotoCoreError) as error:
        log.warning("schedule %s lost what it could not do: %s", name, error)
