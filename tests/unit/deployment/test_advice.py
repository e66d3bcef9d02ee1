from platformctl.deployment.advice import Proposal, losses
from platformctl.deployment.interface import Outcome


def proposal(*steps):
    return Proposal(environment="production", preview=Outcome(steps=steps))


def step(operation, kind, **more):
    return {
        "op": operation,
        "urn": f"urn:pulumi:production::shop::{kind}::orders",
        "oldState": {"type": kind},
        **more,
    }


def test_a_store_that_would_be_replaced_is_named_with_what_causes_it():
    advice = losses(
        proposal(step("replace", "aws:rds/instance:Instance", replaceReasons=["engine"]))
    )

    assert advice is not None
    assert advice.lines == [
        "orders (aws:rds/instance:Instance) would be replaced: engine cannot be changed in place"
    ]


def test_what_keeps_no_data_may_go_without_a_word():
    assert losses(proposal(step("delete", "aws:ecs/service:Service"))) is None


def test_a_store_that_is_created_or_updated_is_no_loss():
    kind = "aws:s3/bucket:Bucket"

    assert losses(proposal(step("create", kind), step("update", kind))) is None
