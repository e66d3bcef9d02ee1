"""Every call that operations make is one that AWS has, and takes: nothing works only locally."""

import pytest
from support.cutovers import Store, StoreConsole
from support.functions_cutover import Function
from support.migrating import Shop
from support.platform import REPOSITORY
from support.press import Press
from support.recorded_calls import Recorder
from support.versions import STOREFRONT, good

from platformctl.aws.clients import local_clients
from platformctl.config.cutover import CutoverConfig
from platformctl.config.loader import load_file
from platformctl.operations.cutover.begin import at_once, back
from platformctl.operations.cutover.plan import make_plan
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.states import State
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.migration.steps import UP

WARM = {"keepWarmSeconds": 600}


@pytest.fixture
def recorder(region):
    return Recorder(local_clients(region.endpoint))


def recorded(recorder, table):
    """Return an operations table whose calls are recorded, too."""
    return OperationsTable(recorder("dynamodb", "us-east-1"), table.name)


def test_a_service_behind_a_balancer_and_its_way_back(region, recorder, tmp_path):
    store = Store(tmp_path, region)
    console = StoreConsole(store, clients=recorder)
    console.table = recorded(recorder, console.table)
    console.journal = Journal(console.table)
    after = store.release("r2", good("2", STOREFRONT))

    with store.customers():
        forward = console.cut_over(after, timing=WARM)
        assert forward.state is State.SUCCEEDED, forward.outcome
        course = back(store.service, CutoverConfig.model_validate(WARM), console.table)
        rolled_back = console.runner().run(make_plan("rollback", "dev", course))

    assert rolled_back.state is State.SUCCEEDED, rolled_back.outcome
    assert recorder.mistakes == []
    assert {
        "application-autoscaling.RegisterScalableTarget",
        "cloudwatch.GetMetricData",
        "dynamodb.TransactWriteItems",
        "ecs.UpdateService",
        "elbv2.ModifyRule",
        "scheduler.CreateSchedule",
        "scheduler.DeleteSchedule",
    } <= recorder.named()


def test_a_consumer_and_its_way_back(region, recorder):
    press = Press(region)
    press.table = recorded(recorder, press.table)
    after = press.release("r2", "green")

    forward = press.run(press.course(after), clients=recorder)
    course = press.course(press.first, before=after, back=True)
    rolled_back = press.run(course, "rollback", clients=recorder)

    assert (forward.state, rolled_back.state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert recorder.mistakes == []
    assert {"ssm.PutParameter", "ecs.DescribeTasks", "cloudwatch.GetMetricData"} <= recorder.named()


def test_a_function_and_its_way_back(region, recorder, tmp_path):
    function = Function(region, tmp_path)
    function.clients = recorder
    function.table = recorded(recorder, function.table)
    function.journal = Journal(function.table)
    after = function.release("r2")

    with function.customers():
        forward = function.run(function.course(after))
    course = back(function.service, at_once(CutoverConfig()), function.table)
    rolled_back = function.run(course, "rollback")

    assert (forward.state, rolled_back.state) == (State.SUCCEEDED, State.SUCCEEDED)
    assert recorder.mistakes == []
    assert {"lambda.PublishVersion", "lambda.UpdateAlias", "lambda.Invoke"} <= recorder.named()


def test_a_migration(region, recorder):
    shop = Shop(region, BackupRetentionPeriod=0)
    shop.clients = recorder

    operation = shop.run(UP)
    shop.close()

    assert operation.state is State.SUCCEEDED, operation.outcome
    assert recorder.mistakes == []
    assert {"ecs.RunTask", "ecs.ListTasks", "ecs.DescribeTasks"} <= recorder.named()


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_environments_in_aws_ask_for_no_finer_figures_than_there_are(environment):
    """CloudWatch keeps metrics of load balancers and functions by the minute."""
    cutover = load_file(REPOSITORY / f"Pulumi.{environment}.yaml").cutover

    assert cutover.analysis.period_seconds % 60 == 0
    assert cutover.analysis.interval_seconds >= 1


MISTAKES = [
    ("elbv2", "modify_rule", "weights", {"Weight": 1000}),
    ("elbv2", "modify_rule", "weights", {"Weight": -1}),
]


@pytest.mark.parametrize(("service", "call", "told", "group"), MISTAKES)
def test_what_aws_refuses_is_found(recorder, service, call, told, group):
    groups = [{"TargetGroupArn": "arn:1", **group}]
    client = recorder(service, "us-east-1")

    with pytest.raises(client.exceptions.ClientError):
        getattr(client, call)(
            RuleArn="arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/a/b/c/d",
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        )

    assert any(told in mistake for mistake in recorder.mistakes)


def test_a_name_that_is_too_long_is_found_by_the_model_itself(recorder):
    client = recorder("scheduler", "us-east-1")

    with pytest.raises(client.exceptions.ClientError):
        client.get_schedule(Name="x" * 65)

    assert any("at most 64" in mistake for mistake in recorder.mistakes)
