"""Dead letters are shown with what they are about, corrected, and sent back."""

import json
from collections.abc import Iterator

import pytest
from support.functions import make_queue, receive, until
from support.journeys import event, make_pipeline
from support.region import RunningRegion, running_region

from platformctl.operations.queues.find import DeadLetterQueue
from platformctl.operations.queues.letters import depth, peek
from platformctl.operations.queues.redrive import Redrive, corrections, purge


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegion]:
    with running_region(tmp_path_factory.mktemp("region")) as running:
        yield running


def queue_of(url: str, arn: str, *sources: str) -> DeadLetterQueue:
    return DeadLetterQueue(name=arn.rpartition(":")[2], arn=arn, url=url, sources=sources)


def test_corrected_records_go_back_to_their_stream_and_empty_the_queue(region):
    pipeline = make_pipeline(region, shards=1)
    arn = region.client("sqs").get_queue_attributes(
        QueueUrl=pipeline.dead_url, AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    queue = queue_of(pipeline.dead_url, arn, pipeline.stream)
    made = [event(number) for number in range(20)]
    pipeline.put([*made[:5], {**made[5], "timestamp": "yesterday"}, *made[6:]])
    until(lambda: depth(region.client, queue).waiting == 1, "the poison is told")

    (letter,) = peek(region.client, queue, 10)
    (record,) = letter.document()["records"]
    assert record["json"]["timestamp"] == "yesterday"
    assert "RetryAttemptsExhausted" in letter.error
    assert depth(region.client, queue).oldest == letter.sent

    # Sent back as it is, it comes back.
    assert Redrive(region.client, queue).run().redriven == 1
    (again,) = until(lambda: peek(region.client, queue, 10), "it comes back")
    assert again.id != letter.id

    document = again.document()
    document["records"][0]["json"] = made[5]
    outcome = Redrive(region.client, queue, corrections([document])).run()

    assert outcome.document() == {"redriven": 1, "kept": {}}
    until(lambda: pipeline.stored() == list(range(20)), "everything is stored")
    assert depth(region.client, queue).waiting == 0


def test_messages_that_a_queue_gave_up_go_back_to_it(region):
    sqs = region.client("sqs")
    dead_url, dead = make_queue(region)
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    url, source = make_queue(region, RedrivePolicy=policy, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody='{"order": 1}')
    queue = queue_of(dead_url, dead, source)

    def given_up():
        sqs.receive_message(QueueUrl=url)
        return depth(region.client, queue).waiting

    until(given_up, "it is given up")
    assert Redrive(region.client, queue).run().redriven == 1

    assert depth(region.client, queue).waiting == 0
    assert receive(region, url) == [{"order": 1}]


def test_what_cannot_go_back_stays_with_its_reason(region):
    dead_url, dead = make_queue(region)
    region.client("sqs").send_message(QueueUrl=dead_url, MessageBody="lost")
    queue = queue_of(dead_url, dead, dead.replace("queue-", "gone-"))

    outcome = Redrive(region.client, queue).run()

    assert outcome.redriven == 0
    (reason,) = outcome.kept.values()
    assert "NonExistentQueue" in reason
    assert depth(region.client, queue).waiting == 1


def test_a_purge_leaves_nothing(region):
    dead_url, dead = make_queue(region)
    region.client("sqs").send_message(QueueUrl=dead_url, MessageBody="bad")
    queue = queue_of(dead_url, dead)

    purge(region.client, queue)

    until(lambda: depth(region.client, queue).waiting == 0, "it is empty")
