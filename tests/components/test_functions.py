"""Lambda functions: versions behind an alias, exactly the rights they need, nothing lost."""

import pytest
from support.component_examples import EXAMPLES, FUNCTION
from support.paper import PaperProject, document


@pytest.fixture(scope="module")
def function(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("function")).up(EXAMPLES["LambdaFunction"])


def allowed(plan):
    """What the function's role may do: action → resources."""
    policy = document(plan.one("RolePolicy", "it-role-policy").inputs["policy"])
    return {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }


def test_everything_that_invokes_a_function_does_so_through_its_alias(function):
    alias = function.one("lambda/alias:Alias", "it-live")

    assert alias.inputs["functionVersion"] == function.one("Function", "it").outputs["version"]
    for mapping in function.all("EventSourceMapping"):
        assert mapping.inputs["functionName"] == alias.outputs["arn"]
    assert function.one("Permission", "it-invoked-by-rotation").inputs["qualifier"] == "live"
    assert function.all("FunctionEventInvokeConfig")[0].inputs["qualifier"] == "live"


def test_a_poison_record_of_a_stream_is_found_and_given_up(function):
    inputs = function.one("EventSourceMapping", "it-from-events").inputs

    assert inputs["bisectBatchOnFunctionError"] is True
    assert inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert inputs["maximumRetryAttempts"] == 3
    assert inputs["destinationConfig"] == {"onFailure": {"destinationArn": "arn:queue"}}


def test_a_role_may_log_trace_read_its_sources_and_tell_of_failures_and_no_more(function):
    rights = allowed(function)

    assert rights["kinesis:GetRecords"] == ["arn:stream"]
    assert rights["sqs:ReceiveMessage"] == ["arn:orders"]
    assert rights["sqs:SendMessage"] == ["arn:queue"]
    assert rights["logs:PutLogEvents"] == ["arn:aws:LogGroup/it-log:*"]
    assert "ec2:CreateNetworkInterface" not in rights
    assert [action for action, on in rights.items() if on == ["*"]] == [
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ]


def test_services_invoke_on_behalf_of_this_account_only(function):
    permission = function.one("Permission", "it-invoked-by-rotation").inputs

    assert permission["principal"] == "secretsmanager.amazonaws.com"
    assert permission["sourceAccount"] == "000000000000"


def test_a_function_in_a_network_may_make_its_interfaces(paper):
    plan = paper.up(FUNCTION.format(more='subnet_ids=["subnet-1a"], security_group_ids=["sg-1a"]'))

    assert plan.one("Function", "it").inputs["vpcConfig"] == {
        "subnetIds": ["subnet-1a"],
        "securityGroupIds": ["sg-1a"],
    }
    assert allowed(plan)["ec2:CreateNetworkInterface"] == ["*"]


def test_only_another_content_changes_the_code(paper):
    source = """
    LambdaFunction("it", LambdaFunctionArgs(
        function_name="it", handler="it.handle",
        code=pulumi.AssetArchive({{"it.py": pulumi.StringAsset("{text}")}})))
    """
    paper.up(source.format(text="handle = print"))

    assert paper.preview(source.format(text="handle = print")).changes.keys() == {"same"}
    assert paper.preview(source.format(text="handle = repr")).changes["update"] == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("timeout=901", "timeout is 901: must be 1 to 900"),
        ("memory=64", "memory is 64: must be 128 to 10240"),
        ('subnet_ids=["s-1"]', "subnet_ids and security_group_ids must be given together"),
        (
            'queues={"q": QueueSource(arn="a", visibility_timeout=100)}',
            "visibility_timeout of the queue 'q' is 100: must be at least 6 times",
        ),
        (
            'queues={"q": QueueSource(arn="a", visibility_timeout=180, batch_size=11)}',
            "batch_size of the queue 'q' is 11: must be 1 to 10",
        ),
        (
            'streams={"s": StreamSource(arn="a", on_failure_arn="b", max_age_seconds=59)}',
            "max_age_seconds of the stream 's' is 59: must be 60 to 604800",
        ),
    ],
)
def test_mistakes_are_named(paper, more, sentence):
    with pytest.raises(Exception, match="cannot be made") as caught:
        paper.up(FUNCTION.format(more=more))

    assert sentence in str(caught.value)
