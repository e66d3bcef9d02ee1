"""Services, load balancers, sites and what watches them."""

import pytest
from support.component_examples import BALANCER, EXAMPLES, ROUTE, SCALING, SERVICE
from support.paper import PaperProject, document

from platformctl.components.observability.dashboard import Graph, Metric, widgets


@pytest.fixture(scope="module")
def routed(tmp_path_factory):
    return PaperProject(tmp_path_factory.mktemp("routed")).up(
        SERVICE.format(
            more=ROUTE
            + 'environment={"B": "2", "A": "1"}, secrets={"S": "arn:s:key::"},'
            + 'secret_arns=["arn:s"], secret_key_arn="arn:k", health_command=["check"],'
        )
    )


def container(plan):
    (found,) = document(
        plan.one("TaskDefinition", "it-task-definition").inputs["containerDefinitions"]
    )
    return found


def test_a_container_is_read_only_logged_and_checked(routed):
    found = container(routed)

    assert found["readonlyRootFilesystem"] is True
    assert found["logConfiguration"]["options"]["awslogs-group"] == "/ecs/it"
    assert found["healthCheck"]["command"] == ["CMD", "check"]
    assert found["environment"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert found["secrets"] == [{"name": "S", "valueFrom": "arn:s:key::"}]


def test_a_deployment_goes_one_by_one_and_rolls_back(routed):
    service = routed.one("ecs/service:Service", "it").inputs

    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (service["deploymentMaximumPercent"], service["deploymentMinimumHealthyPercent"]) == (
        200,
        100,
    )
    assert service["networkConfiguration"]["assignPublicIp"] is False
    assert service["waitForSteadyState"] is True


def test_ecs_may_pull_one_image_read_named_secrets_and_write_one_log(routed):
    policy = document(routed.one("RolePolicy", "it-execution-policy").inputs["policy"])
    allowed = {a: s["Resource"] for s in policy["Statement"] for a in s["Action"]}

    assert allowed == {
        "ecr:GetAuthorizationToken": ["*"],
        "ecr:BatchCheckLayerAvailability": ["arn:repo"],
        "ecr:BatchGetImage": ["arn:repo"],
        "ecr:GetDownloadUrlForLayer": ["arn:repo"],
        "logs:CreateLogStream": ["arn:aws:LogGroup/it-logs:*"],
        "logs:PutLogEvents": ["arn:aws:LogGroup/it-logs:*"],
        "secretsmanager:GetSecretValue": ["arn:s"],
        "kms:Decrypt": ["arn:k"],
    }


def test_a_program_that_declares_nothing_may_do_nothing(routed):
    assert routed.names("RolePolicy") == ["it-execution-policy"]


def test_a_route_is_a_target_group_and_a_rule(routed):
    group = routed.one("TargetGroup", "it-http").inputs
    rule = routed.one("ListenerRule", "it-rule").inputs

    assert group["healthCheck"]["path"] == "/health"
    assert group["healthCheck"]["healthyThreshold"] == 3
    assert group["healthCheck"]["unhealthyThreshold"] == 2
    assert group["targetType"] == "ip"
    assert rule["conditions"] == [{"pathPattern": {"values": ["/a/*"]}}]


def test_the_automatic_name_of_a_long_services_target_group_still_fits(paper):
    long = "a-service-with-quite-a-long-name"
    source = SERVICE.format(more=ROUTE)
    plan = paper.up(source.replace('FargateService("it"', f'FargateService("{long}"'))
    (group,) = plan.all("TargetGroup")

    assert len(group.name) + len("-1234567") <= 32


def test_a_service_without_a_route_has_no_target_group(paper):
    plan = paper.up(SERVICE.format(more="spot_percent=75"))
    service = plan.one("ecs/service:Service", "it").inputs

    assert plan.all("TargetGroup") == []
    assert "loadBalancers" not in service
    assert service["capacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "weight": 25},
        {"capacityProvider": "FARGATE_SPOT", "weight": 75},
    ]


@pytest.mark.parametrize(("more", "changes"), [(SCALING, {"same"}), ("", {"same", "update"})])
def test_pulumi_owns_the_desired_count_unless_autoscaling_does(more, changes, paper):
    paper.up(SERVICE.format(more=more + "desired_count=2"))
    result = paper.preview(SERVICE.format(more=more + "desired_count=3"))

    assert set(result.changes) == changes


def test_another_image_still_changes_a_scaled_service(paper):
    paper.up(SERVICE.format(more=SCALING))
    result = paper.preview(SERVICE.format(more=SCALING).replace("repo:1", "repo:2"))

    assert set(result.changes) - {"same"}


def test_a_service_keeps_an_existing_log_group(paper):
    plan = paper.up(
        "from platformctl.components.base import Supporting\n"
        + SERVICE.format(
            more='log_group=Supporting(existing="arn:aws:logs:us-east-1:1:log-group:/mine")'
        )
    )

    assert plan.all("LogGroup") == []
    assert container(plan)["logConfiguration"]["options"]["awslogs-group"] == "/mine"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("cpu=300", "cpu is 300: must be one of 256"),
        ("memory=9000", "memory is 9000: must be one of 512, 1024, 2048 where cpu is 256"),
        (SCALING + "desired_count=9", "desired_count is 9: must be from 1 to 4"),
        ('environment={"A": "1"}, secrets={"A": "2"}', "A is both in environment and in secrets"),
        ('environment={"DB_PASSWORD": "x"}', "environment has DB_PASSWORD: a secret goes into"),
        ('user="0:0"', "user is '0:0': must not be root"),
        ("stop_timeout=300", "stop_timeout is 300: must be 0 to 120"),
        ("scaling=Scaling(minimum=1, maximum=2)", "scaling follows nothing"),
    ],
)
def test_what_cannot_run_is_refused_in_a_sentence(more, sentence, paper):
    with pytest.raises(Exception, match=sentence):
        paper.up(SERVICE.format(more=more))


def test_with_a_certificate_there_is_https_and_a_redirect(paper):
    plan = paper.up(BALANCER.format(more='certificate_arn="arn:certificate"'))
    secure = plan.one("Listener", "it-listener").inputs
    redirect = plan.one("Listener", "it-redirect").inputs
    balancer = plan.one("LoadBalancer", "it").inputs

    assert (secure["port"], secure["protocol"]) == (443, "HTTPS")
    assert secure["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert redirect["defaultActions"][0]["redirect"]["statusCode"] == "HTTP_301"
    assert balancer["enableDeletionProtection"] is True
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["accessLogs"]["enabled"] is True


def test_without_a_certificate_there_is_one_plain_listener(paper):
    plan = paper.up(BALANCER.format(more="http_port=8080"))

    assert plan.names("Listener") == ["it-listener"]
    assert plan.one("Listener", "it-listener").inputs["port"] == 8080


@pytest.mark.parametrize("more", ["", 'certificate_arn="a", http_port=80'])
def test_a_balancer_is_either_secure_or_plain(more, paper):
    with pytest.raises(Exception, match="exactly one of certificate_arn and http_port"):
        paper.up(BALANCER.format(more=more))


@pytest.mark.parametrize(("image", "wrong"), [("repo", "a tag"), ("repo:latest", "does not move")])
def test_an_image_that_moves_is_refused(image, wrong, paper):
    with pytest.raises(Exception, match=wrong):
        paper.up(SERVICE.format(more="").replace("repo:1", image))


def test_a_container_has_no_privileges_and_an_init_process(routed):
    found = container(routed)

    assert found["user"] == "10001:10001"
    assert found["privileged"] is False
    assert found["linuxParameters"] == {
        "initProcessEnabled": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert routed.one("ecs/service:Service", "it").inputs["enableExecuteCommand"] is False


def test_folders_that_can_be_written_to_are_volumes(paper):
    plan = paper.up(SERVICE.format(more='writable_paths=["/var/cache/nginx", "/tmp"]'))

    assert plan.one("TaskDefinition", "it-task-definition").inputs["volumes"] == [
        {"name": "tmp"},
        {"name": "var-cache-nginx"},
    ]
    assert [mount["containerPath"] for mount in container(plan)["mountPoints"]] == [
        "/tmp",
        "/var/cache/nginx",
    ]


def test_a_traced_task_has_a_collector_within_its_own_size(paper):
    plan = paper.up(SERVICE.format(more="tracing=True"))
    main, collector = document(
        plan.one("TaskDefinition", "it-task-definition").inputs["containerDefinitions"]
    )
    policy = document(plan.one("RolePolicy", "it-task-policy").inputs["policy"])

    assert main["cpu"] + collector["cpu"] == 256
    assert main["memory"] + collector["memory"] == 512
    assert collector["essential"] is False
    assert {"name": "OTEL_SERVICE_NAME", "value": "it"} in main["environment"]
    assert "xray:PutTraceSegments" in policy["Statement"][0]["Action"]


def test_steps_add_tasks_above_and_take_some_away_below(paper):
    scaling = "scaling=Scaling(minimum=1, maximum=4, steps=CpuSteps()),"
    plan = paper.up(SERVICE.format(more=scaling))
    up, down = (plan.one("MetricAlarm", f"it-cpu-{way}").inputs for way in ("up", "down"))
    steps = plan.one("Policy", "it-step-down").inputs["stepScalingPolicyConfiguration"]

    assert (up["threshold"], up["evaluationPeriods"], up["comparisonOperator"]) == (
        70,
        2,
        "GreaterThanThreshold",
    )
    assert (down["threshold"], down["evaluationPeriods"], down["comparisonOperator"]) == (
        30,
        5,
        "LessThanThreshold",
    )
    assert up["alarmActions"] == ["arn:aws:Policy/it-step-up"]
    assert steps["stepAdjustments"] == [{"scalingAdjustment": -1, "metricIntervalUpperBound": "0"}]


def test_bounds_follow_the_clock(paper):
    capacity = 'ScheduledCapacity(schedule="cron(0 6 * * ? *)", minimum=3, maximum=9)'
    scaling = f'scaling=Scaling(minimum=1, maximum=4, schedules={{"morning": {capacity}}}),'
    action = paper.up(SERVICE.format(more=scaling)).one("ScheduledAction", "it-schedule-morning")

    assert action.inputs["name"] == "it-morning"
    assert action.inputs["scalableTargetAction"] == {"minCapacity": 3, "maxCapacity": 9}


def test_access_logs_can_go_elsewhere_or_nowhere(paper):
    header = "from platformctl.components.base import Supporting\n"
    existing = "http_port=80, access_logs=Supporting(existing='mine')"
    plan = paper.up(header + BALANCER.format(more=existing))
    assert plan.one("LoadBalancer", "it").inputs["accessLogs"]["bucket"] == "mine"

    plan = paper.up(
        header + BALANCER.format(more="http_port=80, access_logs=Supporting(skip=True)")
    )
    assert "accessLogs" not in plan.one("LoadBalancer", "it").inputs
    assert plan.all("s3/bucket:Bucket") == []


def test_a_site_is_read_by_its_distribution_only(paper):
    plan = paper.up(EXAMPLES["StaticSite"])
    policy = document(plan.one("BucketPolicy", "it-policy").inputs["policy"])
    distribution = plan.one("Distribution", "it").inputs

    assert policy["Statement"][1]["Condition"] == {
        "StringEquals": {"AWS:SourceArn": "arn:aws:Distribution/it"}
    }
    assert distribution["defaultCacheBehavior"]["allowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert distribution["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
    assert distribution["customErrorResponses"][0]["responsePagePath"] == "/index.html"
    assert distribution["orderedCacheBehaviors"][0]["pathPattern"] == "/v1/*"


def test_an_immutable_repository_scans_what_is_pushed(paper):
    repository = paper.up(EXAMPLES["ImageRepository"]).one("Repository", "it").inputs

    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_alarms_reach_the_queue(paper):
    plan = paper.up(EXAMPLES["Alerts"])
    subscription = plan.one("TopicSubscription", "it-to-queue").inputs
    policy = document(plan.one("QueuePolicy", "it-queue-policy").inputs["policy"])

    assert subscription["endpoint"] == "arn:aws:Queue/it-queue"
    assert policy["Statement"][0]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:Topic/it"}
    }


def test_widgets_never_overlap_and_stay_on_the_grid():
    graphs = [Graph(title=str(n), metrics=[Metric(namespace="N", name="M")]) for n in range(7)]
    placed = widgets({"One": graphs[:4], "Two": graphs[4:]}, "us-east-1")
    cells = [
        (x, y)
        for widget in placed
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
