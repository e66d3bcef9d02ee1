"""Which dead-letter queues an environment has, and which one is meant."""

import json

import pytest

from platformctl.errors import InvocationError
from platformctl.operations.queues.find import MAPPING, QUEUE, choose, dead_letter_queues
from platformctl.operations.queues.redrive import corrections


def queue(name, dead=None):
    outputs = {"name": name, "arn": f"arn:aws:sqs:us-east-1:1:{name}", "url": f"http://{name}"}
    if dead is not None:
        target = f"arn:aws:sqs:us-east-1:1:{dead}"
        outputs["redrivePolicy"] = json.dumps({"deadLetterTargetArn": target})
    return {"type": QUEUE, "outputs": outputs}


def mapping(stream, dead):
    target = {"onFailure": {"destinationArn": f"arn:aws:sqs:us-east-1:1:{dead}"}}
    outputs = {"eventSourceArn": f"arn:aws:kinesis:us-east-1:1:stream/{stream}"}
    return {"type": MAPPING, "outputs": {**outputs, "destinationConfig": target}}


def found(*resources):
    return dead_letter_queues({"deployment": {"resources": list(resources)}})


def test_queues_that_others_give_up_to_are_dead_letter_queues():
    queues = found(
        queue("orders", dead="orders-dead"),
        queue("orders-dead"),
        queue("failures", dead="failures-dead"),
        queue("failures-dead"),
        mapping("events", "failures"),
    )

    assert {each.name: each.sources for each in queues} == {
        "failures": ["arn:aws:kinesis:us-east-1:1:stream/events"],
        "failures-dead": ["arn:aws:sqs:us-east-1:1:failures"],
        "orders-dead": ["arn:aws:sqs:us-east-1:1:orders"],
    }


def test_the_dead_letter_queue_of_a_dead_letter_queue_is_only_meant_by_name():
    queues = found(
        queue("failures", dead="failures-dead"), queue("failures-dead"), mapping("e", "failures")
    )

    assert choose(queues, None).name == "failures"
    assert choose(queues, "failures-dead").name == "failures-dead"


def test_a_name_that_nobody_has_is_answered_with_the_nearest():
    with pytest.raises(InvocationError, match="did you mean 'failures'"):
        choose(found(queue("failures"), mapping("e", "failures")), "failure")
    with pytest.raises(InvocationError, match="there are: none"):
        choose([], None)


def test_corrections_are_what_show_prints():
    records = [
        {"id": "1", "json": {"a": 1}},
        {"id": "2", "text": "plain"},
        {"id": "3", "base64": "/w=="},
    ]

    assert corrections([{"records": records}]) == {"1": b'{"a": 1}', "2": b"plain", "3": b"\xff"}
    with pytest.raises(InvocationError, match="none of json, text and base64"):
        corrections([{"records": [{"id": "1"}]}])
