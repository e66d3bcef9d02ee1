"""What a check does with rules, whatever they are: guarding, masking, counting, reading."""

import json

import pytest
from support.policies import UNKNOWN, records, resource, secret

from platformctl.errors import ConfigurationError
from platformctl.operations.policy.checking import with_baseline
from platformctl.policies.check import check
from platformctl.policies.packs import rule
from platformctl.policies.report import Status
from platformctl.policies.rule import HIGH, Rule, judge
from platformctl.policies.view import records_of, stack_view

TASKS = "aws:ecs/taskDefinition:TaskDefinition"
DATABASE = "aws:rds/instance:Instance"


def checked(*resources, rules=None, environment="production", **options):
    return check(stack_view(records(*resources, **options)), environment, rules=rules)


@judge("name")
def _broken(view, settings):
    yield from view.get("name").strip(settings)


BROKEN = Rule(
    id="broken",
    title="It works",
    why="It must.",
    fix="mend it",
    severity=HIGH,
    types=(DATABASE,),
    judge=_broken,
)


def test_a_rule_that_fails_is_a_finding_and_the_others_go_on():
    report = checked(
        resource(DATABASE, "db", inputs={"name": "x", "publiclyAccessible": True}),
        rules=[BROKEN, rule("rds-not-public")],
    )

    found = {each.rule: each for each in report.findings}
    assert found["broken"].status is Status.ERROR
    assert "TypeError" in found["broken"].found
    assert found["broken"].blocks
    assert found["rds-not-public"].status is Status.VIOLATION


def test_text_that_is_no_document_is_told_not_skipped():
    report = checked(
        resource("aws:iam/policy:Policy", "p", inputs={"policy": "{"}),
        rules=[rule("iam-no-admin-policy")],
    )

    assert [each.status for each in report.findings] == [Status.ERROR]


def test_values_that_are_secret_are_never_shown():
    password = {"password": "hunter2", "username": "shop"}
    environment = json.dumps(
        [{"name": "web", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]
    )
    report = checked(
        resource(DATABASE, "db", inputs=password),
        resource(TASKS, "web", inputs={"containerDefinitions": environment}),
    )

    assert {"rds-managed-password", "ecs-no-plaintext-secrets"} <= {
        each.rule for each in report.findings
    }
    assert "hunter2" not in json.dumps(report.document())


@pytest.mark.parametrize(
    "value",
    [
        secret("hunter2"),
        "[secret]",
        {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            "ciphertext": "v1:abc",
        },
    ],
    ids=str,
)
def test_a_password_marked_as_secret_is_well_in_every_spelling(value):
    report = checked(
        resource(DATABASE, "db", inputs={"password": value}), rules=[rule("rds-managed-password")]
    )

    assert report.findings == []


def test_what_is_not_known_is_counted_by_itself_and_blocks_nothing():
    report = checked(
        resource(DATABASE, "db", inputs={"publiclyAccessible": UNKNOWN}),
        rules=[rule("rds-not-public")],
    )

    assert report.counts["undetermined"] == 1
    assert report.blocking == []


def test_resources_about_to_be_deleted_are_left_out():
    public = resource(DATABASE, "db", inputs={"publiclyAccessible": True}, delete=True)

    assert checked(public, rules=[rule("rds-not-public")]).findings == []


def test_tags_of_the_provider_count():
    tags = dict.fromkeys(
        (
            *("Environment", "Product", "ManagedBy", "CostCenter", "Owner"),
            *("Component", "DataClass"),
        ),
        "x",
    )
    queue = resource("aws:sqs/queue:Queue", "orders")

    assert checked(queue, rules=[rule("required-tags")], default_tags=tags).findings == []
    assert len(checked(queue, rules=[rule("required-tags")]).findings) == 1


@pytest.mark.parametrize(
    ("region", "own", "violations"),
    [("us-east-1", None, 0), ("eu-west-1", None, 1), ("eu-west-1", "us-west-2", 0)],
)
def test_the_region_is_the_resource_s_own_or_else_its_provider_s(region, own, violations):
    inputs = {"region": own} if own else {}
    report = checked(
        resource("aws:sqs/queue:Queue", "orders", inputs=inputs),
        rules=[rule("region-allowed")],
        region=region,
    )

    assert len(report.findings) == violations


def test_a_protected_store_is_told_from_one_that_is_not():
    stores = [
        resource("aws:dynamodb/table:Table", "bare"),
        resource("aws:dynamodb/table:Table", "protected", protect=True),
        resource("aws:dynamodb/table:Table", "retained", retainOnDelete=True),
        resource("aws:s3/bucket:Bucket", "bucket"),
        resource("aws:s3/bucket:Bucket", "emptied", inputs={"forceDestroy": True}),
    ]

    report = checked(*stores, rules=[rule("stateful-protected")])

    assert [each.name for each in report.findings] == ["bare", "emptied"]


@pytest.mark.parametrize(
    ("token", "same"),
    [
        ("aws:alb/loadBalancer:LoadBalancer", "aws:lb/loadBalancer:LoadBalancer"),
        ("aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket"),
        (
            "aws:s3/bucketVersioningV2:BucketVersioningV2",
            "aws:s3/bucketVersioning:BucketVersioning",
        ),
    ],
)
def test_types_with_two_names_are_one(token, same):
    assert stack_view(records(resource(token))).resources[-1].type == same


def test_findings_of_an_earlier_report_do_not_count_again():
    old = checked(
        resource(DATABASE, "db", inputs={"publiclyAccessible": True}),
        rules=[rule("rds-not-public")],
    )
    now = checked(
        resource(DATABASE, "db", inputs={"publiclyAccessible": True}),
        resource(DATABASE, "new", inputs={"publiclyAccessible": True}),
        rules=[rule("rds-not-public")],
    )

    report = with_baseline(now, json.loads(json.dumps(old.document())))

    assert [each.name for each in report.blocking] == ["new"]
    assert report.counts["known"] == 1


def test_a_baseline_that_is_no_report_is_refused():
    with pytest.raises(ConfigurationError, match="no report"):
        with_baseline(checked(), {"steps": []})


def test_checkpoints_and_previews_are_read_and_nothing_else():
    one = resource(DATABASE, "db")
    export = {"version": 3, "deployment": {"resources": [one]}}
    preview = {
        "steps": [
            {"op": "create", "urn": one["urn"], "newState": one},
            {"op": "delete", "urn": "urn:x", "oldState": one},
        ]
    }

    assert records_of(export, "x") == records_of(preview, "x") == [one]
    assert records_of({"checkpoint": {"latest": {"resources": [one]}}}, "x") == [one]
    for document in ([], {"resources": []}, "text"):
        with pytest.raises(ConfigurationError, match="neither a checkpoint"):
            records_of(document, "x.json")
