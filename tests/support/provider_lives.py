"""The life of each resource type of the provider's table: inputs, a change, a drift."""

import contextlib
import json
from typing import Any

from support.provider_cases import (
    ASSUME,
    NEEDED,
    Case,
    World,
    code,
    distribution,
    firewall,
    function,
    policy,
)


def _needed(key: str, change: Any = None, **more: Any) -> Case:
    """Return the case of a type whose inputs `NEEDED` has already."""
    token, inputs = NEEDED[key]
    return Case(token, inputs, change or {"tags": {"Changed": "yes"}}, **more)


def _ec2_tag(world: World, resource: str) -> None:
    world.client("ec2").create_tags(Resources=[resource], Tags=[{"Key": "Drift", "Value": "1"}])


def _rule(world: World) -> dict[str, Any]:
    return {
        "securityGroupId": world.id("group"),
        "referencedSecurityGroupId": world.id("group-2"),
        "ipProtocol": "tcp",
        "fromPort": 8080,
        "toPort": 8080,
        "description": "from the balancer",
    }


def _scaled(world: World) -> dict[str, Any]:
    scaled = world.make("scaling").inputs
    return {key: scaled[key] for key in ("serviceNamespace", "resourceId", "scalableDimension")}


def _alarm(world: World) -> dict[str, Any]:
    return {
        "name": world.name("alarm"),
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 2,
        "metricName": "ConsumerLag",
        "namespace": "Analytics",
        "period": 60,
        "statistic": "Maximum",
        "threshold": 100000,
        "alarmActions": [world.output("topic", "arn")],
        "dimensions": {"Service": "consumer"},
        "tags": {"Product": "analytics"},
    }


def _put_alarm(world: World, name: str) -> None:
    client = world.client("cloudwatch")
    alarm = client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    kept = ("ComparisonOperator", "EvaluationPeriods", "MetricName", "Namespace", "Period")
    same = {key: alarm[key] for key in (*kept, "Statistic", "AlarmActions", "Dimensions")}
    client.put_metric_alarm(AlarmName=name, Threshold=5.0, **same)


def _redis(world: World) -> dict[str, Any]:
    return {
        "replicationGroupId": world.name("redis"),
        "description": "cache",
        "engine": "redis",
        "nodeType": "cache.t3.micro",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "subnetGroupName": world.id("cache-subnets"),
        "snapshotRetentionLimit": 1,
    }


def _keep_fewer_snapshots(world: World, name: str) -> None:
    caches = world.client("elasticache")
    caches.modify_replication_group(
        ReplicationGroupId=name, SnapshotRetentionLimit=3, ApplyImmediately=True
    )
    caches.get_waiter("replication_group_available").wait(
        ReplicationGroupId=name, WaiterConfig={"Delay": 1}
    )


def _bucket_setting(kind: str, inputs: dict[str, Any], **more: Any) -> Case:
    token = f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}"
    return Case(token, lambda world: {"bucket": world.id("bucket"), **inputs}, **more)


def _rules(days: int) -> list[dict[str, Any]]:
    return [
        {
            "id": "old",
            "status": "Enabled",
            "filter": {"prefix": "logs/"},
            "expiration": {"days": days},
        }
    ]


def _lifecycle(days: int) -> str:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": days}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def _forward(world: World) -> list[dict[str, Any]]:
    return [{"type": "forward", "targetGroupArn": world.id("targets")}]


KAFKA = "arn:aws:kafka:us-east-1:000000000000"

NETWORK = (
    _needed(
        "vpc",
        {"enableDnsHostnames": True},
        drift=lambda world, vpc: world.client("ec2").modify_vpc_attribute(
            VpcId=vpc, EnableDnsHostnames={"Value": False}
        ),
        drifted="enableDnsHostnames",
    ),
    _needed("subnet-a", {"mapPublicIpOnLaunch": True}, drift=_ec2_tag, drifted="tags"),
    _needed("gateway", drift=_ec2_tag, drifted="tags"),
    _needed("address", drift=_ec2_tag, drifted="tags"),
    Case(
        "aws:ec2/natGateway:NatGateway",
        lambda world: {"subnetId": world.id("subnet-a"), "allocationId": world.id("address")},
        {"tags": {"Name": "nat"}},
        _ec2_tag,
        "tags",
    ),
    _needed("table", drift=_ec2_tag, drifted="tags"),
    Case(
        "aws:ec2/route:Route",
        lambda world: {
            "routeTableId": world.id("table"),
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": world.id("gateway"),
        },
    ),
    Case(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        lambda world: {"routeTableId": world.id("table"), "subnetId": world.id("subnet-a")},
    ),
    _needed("acl", drift=_ec2_tag, drifted="tags"),
    Case(
        "aws:ec2/networkAclRule:NetworkAclRule",
        lambda world: {
            "networkAclId": world.id("acl"),
            "ruleNumber": 100,
            "protocol": "tcp",
            "ruleAction": "allow",
            "egress": False,
            "cidrBlock": "10.0.0.0/16",
            "fromPort": 443,
            "toPort": 443,
        },
    ),
    Case(
        "aws:ec2/networkAclAssociation:NetworkAclAssociation",
        lambda world: {"networkAclId": world.id("acl"), "subnetId": world.id("subnet-a")},
    ),
    Case(
        "aws:ec2/securityGroup:SecurityGroup",
        lambda world: {
            "vpcId": world.id("vpc"),
            "description": "inline",
            "ingress": [
                {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"]}
            ],
        },
        {
            "ingress": [
                {"protocol": "tcp", "fromPort": 81, "toPort": 81, "cidrBlocks": ["10.0.0.0/8"]}
            ]
        },
        lambda world, group: world.client("ec2").authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        ),
        "ingress",
    ),
    Case(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        lambda world: {"vpcId": world.id("vpc")},
        {},
        lambda world, group: world.client("ec2").authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        ),
        "ingress",
    ),
    Case(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        _rule,
        {"description": "changed"},
        _ec2_tag,
        "tags",
    ),
    Case(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        _rule,
        {"toPort": 8081},
        _ec2_tag,
        "tags",
    ),
    Case(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        lambda world: {
            "vpcId": world.id("vpc"),
            "serviceName": "com.amazonaws.us-east-1.s3",
            "routeTableIds": [world.id("table")],
        },
        lambda world: {"routeTableIds": [world.id("table"), world.id("table-2")]},
        _ec2_tag,
        "tags",
    ),
    Case(
        "aws:ec2/flowLog:FlowLog",
        lambda world: {
            "vpcId": world.id("vpc"),
            "trafficType": "ALL",
            "logDestination": world.output("logs", "arn"),
            "iamRoleArn": world.output("role", "arn"),
        },
        {"tags": {"Name": "flow"}},
        _ec2_tag,
        "tags",
    ),
)

SECURITY = (
    Case(
        "aws:kms/key:Key",
        lambda world: {
            "description": "data",
            "deletionWindowInDays": 7,
            "enableKeyRotation": True,
            "tags": {"DataClass": "events"},
        },
        {"description": "changed", "enableKeyRotation": False},
        lambda world, key: world.client("kms").update_key_description(
            KeyId=key, Description="drift"
        ),
        "description",
    ),
    Case(
        "aws:kms/alias:Alias",
        lambda world: {"name": f"alias/{world.name('key')}", "targetKeyId": world.id("key")},
        lambda world: {"targetKeyId": world.id("key-2")},
        lambda world, alias: world.client("kms").update_alias(
            AliasName=alias, TargetKeyId=world.id("key")
        ),
        "targetKeyId",
    ),
    Case(
        "aws:secretsmanager/secret:Secret",
        lambda world: {"name": world.name("db"), "description": "x", "recoveryWindowInDays": 0},
        {"description": "changed", "tags": {"A": "b"}},
        lambda world, arn: world.client("secretsmanager").update_secret(
            SecretId=arn, Description="drift"
        ),
        "description",
    ),
    Case(
        "aws:secretsmanager/secretVersion:SecretVersion",
        lambda world: {"secretId": world.id("secret"), "secretString": '{"password": "x"}'},
    ),
    Case(
        "aws:ssm/parameter:Parameter",
        lambda world: {
            "name": f"/shop/{world.name('side')}",
            "type": "String",
            "insecureValue": "blue",
            "allowedPattern": "^(blue|green|none)$",
            "tags": {"A": "b"},
        },
        {"insecureValue": "none", "description": "changed", "tags": {"A": "c"}},
        lambda world, name: world.client("ssm").put_parameter(
            Name=name, Value="green", AllowedPattern="^(blue|green|none)$", Overwrite=True
        ),
        "insecureValue",
    ),
    Case(
        "aws:iam/role:Role",
        lambda world: {"assumeRolePolicy": ASSUME, "tags": {"Service": "api"}},
        {"description": "changed", "maxSessionDuration": 7200},
        lambda world, name: world.client("iam").tag_role(
            RoleName=name, Tags=[{"Key": "Drift", "Value": "1"}]
        ),
        "tags",
    ),
    Case(
        "aws:iam/rolePolicy:RolePolicy",
        lambda world: {
            "role": world.id("role"),
            "name": "allow",
            "policy": policy("kafka:DescribeCluster"),
        },
        {"policy": policy("kafka:GetBootstrapBrokers")},
        lambda world, identity: world.client("iam").put_role_policy(
            RoleName=world.id("role"), PolicyName="allow", PolicyDocument=policy("s3:GetObject")
        ),
        "policy",
    ),
    Case(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda world: {
            "role": world.id("role"),
            "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        },
    ),
    Case(
        "aws:acm/certificate:Certificate",
        lambda world: {
            "domainName": f"{world.prefix}.example.test",
            "subjectAlternativeNames": ["www.example.test"],
            "validationMethod": "DNS",
        },
        {"tags": {"A": "b"}},
        lambda world, arn: world.client("acm").add_tags_to_certificate(
            CertificateArn=arn, Tags=[{"Key": "Drift", "Value": "1"}]
        ),
        "tags",
    ),
    Case(
        "aws:acm/certificateValidation:CertificateValidation",
        lambda world: {"certificateArn": world.id("certificate")},
    ),
)

STORAGE = (
    Case(
        "aws:s3/bucket:Bucket",
        lambda world: {"forceDestroy": True, "tags": {"DataClass": "public"}},
        {"tags": {"DataClass": "private"}},
        lambda world, name: world.client("s3").put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": [{"Key": "Drift", "Value": "1"}]}
        ),
        "tags",
    ),
    _bucket_setting(
        "BucketVersioning",
        {"versioningConfiguration": {"status": "Enabled"}},
        drift=lambda world, name: world.client("s3").put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Suspended"}
        ),
        drifted="versioningConfiguration",
    ),
    _bucket_setting(
        "BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        change={
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"},
                    "bucketKeyEnabled": True,
                }
            ]
        },
    ),
    _bucket_setting(
        "BucketPublicAccessBlock",
        {"blockPublicAcls": True, "blockPublicPolicy": True},
        change={"ignorePublicAcls": True, "restrictPublicBuckets": True},
    ),
    _bucket_setting(
        "BucketOwnershipControls",
        {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        change={"rule": {"objectOwnership": "BucketOwnerPreferred"}},
    ),
    _bucket_setting(
        "BucketPolicy",
        {"policy": policy("s3:GetObject", "arn:aws:s3:::x/*", Principal="*")},
        change={"policy": policy("s3:PutObject", "arn:aws:s3:::x/*", Principal="*")},
        drift=lambda world, name: world.client("s3").put_bucket_policy(
            Bucket=name, Policy=policy("s3:ListBucket", "arn:aws:s3:::x", Principal="*")
        ),
        drifted="policy",
    ),
    _bucket_setting(
        "BucketLifecycleConfiguration", {"rules": _rules(30)}, change={"rules": _rules(60)}
    ),
    _bucket_setting(
        "BucketObjectv2",
        {"key": "index.html", "content": "<h1>one</h1>", "contentType": "text/html"},
        change={"content": "<h1>two</h1>"},
        drift=lambda world, identity: world.client("s3").put_object(
            Bucket=world.id("bucket"), Key="index.html", Body=b"drift", ContentType="text/html"
        ),
        drifted="content",
    ),
    Case(
        "aws:ecr/repository:Repository",
        lambda world: {
            "name": world.name("repo"),
            "imageScanningConfiguration": {"scanOnPush": True},
            "forceDelete": True,
        },
        {"imageTagMutability": "IMMUTABLE"},
        lambda world, name: world.client("ecr").put_image_tag_mutability(
            repositoryName=name, imageTagMutability="MUTABLE"
        ),
        "imageTagMutability",
    ),
    Case(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        lambda world: {"repository": world.id("repository"), "policy": _lifecycle(10)},
        {"policy": _lifecycle(20)},
    ),
)


def _replication(world: World, prefix: str) -> dict[str, Any]:
    for key in ("bucket", "bucket-2"):
        world.client("s3").put_bucket_versioning(
            Bucket=world.id(key), VersioningConfiguration={"Status": "Enabled"}
        )
    rule = {
        "id": "all",
        "priority": 1,
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "deleteMarkerReplication": {"status": "Enabled"},
        "destination": {"bucket": world.output("bucket-2", "arn")},
    }
    return {
        "bucket": world.id("bucket"),
        "role": world.output("role", "arn"),
        "rules": [rule],
    }


COMPANIONS = (
    Case(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        lambda world: _replication(world, "a/"),
        lambda world: _replication(world, "b/"),
    ),
    Case(
        "aws:s3/bucketLogging:BucketLogging",
        lambda world: {
            "bucket": world.id("bucket"),
            "targetBucket": world.id("bucket-2"),
            "targetPrefix": "one/",
        },
        {"targetPrefix": "two/"},
    ),
)

MESSAGES = (
    Case(
        "aws:sqs/queue:Queue",
        lambda world: {"visibilityTimeoutSeconds": 30, "tags": {"A": "b"}},
        {"messageRetentionSeconds": 1209600},
        lambda world, url: world.client("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"VisibilityTimeout": "99"}
        ),
        "visibilityTimeoutSeconds",
    ),
    Case(
        "aws:sqs/queuePolicy:QueuePolicy",
        lambda world: {
            "queueUrl": world.id("queue"),
            "policy": policy("sqs:SendMessage", Principal="*"),
        },
        {"policy": policy("sqs:ReceiveMessage", Principal="*")},
    ),
    Case(
        "aws:sns/topic:Topic",
        lambda world: {"displayName": "Alerts", "tags": {"A": "b"}},
        {"displayName": "Changed"},
        lambda world, arn: world.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="DisplayName", AttributeValue="drift"
        ),
        "displayName",
    ),
    Case(
        "aws:sns/topicPolicy:TopicPolicy",
        lambda world: {"arn": world.id("topic"), "policy": policy("SNS:Publish", Principal="*")},
        {"policy": policy("SNS:Subscribe", Principal="*")},
    ),
    Case(
        "aws:sns/topicSubscription:TopicSubscription",
        lambda world: {
            "topic": world.id("topic"),
            "protocol": "sqs",
            "endpoint": world.output("queue", "arn"),
        },
        {"rawMessageDelivery": True},
        lambda world, arn: world.client("sns").set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="false"
        ),
        "rawMessageDelivery",
    ),
    Case(
        "aws:cloudwatch/logGroup:LogGroup",
        lambda world: {"name": f"/{world.name('logs')}", "retentionInDays": 7},
        {"retentionInDays": 30, "tags": {"A": "b"}},
        lambda world, name: world.client("logs").put_retention_policy(
            logGroupName=name, retentionInDays=1
        ),
        "retentionInDays",
    ),
    Case(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        _alarm,
        {"threshold": 200000},
        _put_alarm,
        "threshold",
    ),
    Case(
        "aws:cloudwatch/dashboard:Dashboard",
        lambda world: {
            "dashboardName": world.name("board"),
            "dashboardBody": json.dumps({"widgets": []}),
        },
        {"dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {}}]})},
    ),
)

EDGE = (
    Case(
        "aws:lb/loadBalancer:LoadBalancer",
        lambda world: {
            "name": world.name("alb"),
            "subnets": [world.id("subnet-a"), world.id("subnet-b")],
            "securityGroups": [world.id("group")],
        },
        {"idleTimeout": 30},
        lambda world, arn: world.client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=arn,
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "99"}],
        ),
        "idleTimeout",
    ),
    Case(
        "aws:lb/targetGroup:TargetGroup",
        lambda world: {
            "name": world.name("group"),
            "port": 8080,
            "protocol": "HTTP",
            "targetType": "ip",
            "vpcId": world.id("vpc"),
            "deregistrationDelay": 5,
            "healthCheck": {"path": "/health", "interval": 5, "timeout": 2, "matcher": "200"},
        },
        {"healthCheck": {"path": "/ready", "interval": 5, "timeout": 2, "matcher": "200-299"}},
        lambda world, arn: world.client("elbv2").modify_target_group(
            TargetGroupArn=arn, HealthCheckPath="/drift"
        ),
        "healthCheck",
    ),
    Case(
        "aws:lb/listener:Listener",
        lambda world: {
            "loadBalancerArn": world.id("balancer"),
            "port": world.port("own"),
            "defaultActions": _forward(world),
        },
        {
            "defaultActions": [
                {
                    "type": "fixed-response",
                    "fixedResponse": {"contentType": "text/plain", "statusCode": "404"},
                }
            ]
        },
        lambda world, arn: world.client("elbv2").modify_listener(
            ListenerArn=arn, Port=world.port("drifted")
        ),
        "port",
    ),
    Case(
        "aws:lb/listenerRule:ListenerRule",
        lambda world: {
            "listenerArn": world.id("listener"),
            "priority": 10,
            "conditions": [
                {"pathPattern": {"values": ["/v1/events"]}},
                {"httpRequestMethod": {"values": ["POST"]}},
            ],
            "actions": _forward(world),
        },
        {"conditions": [{"pathPattern": {"values": ["/v1/*"]}}], "priority": 20},
        lambda world, arn: world.client("elbv2").set_rule_priorities(
            RulePriorities=[{"RuleArn": arn, "Priority": 30}]
        ),
        "priority",
    ),
    Case(
        "aws:cloudfront/distribution:Distribution",
        distribution,
        {"defaultRootObject": "home.html", "tags": {"A": "b"}},
    ),
    Case(
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        lambda world: {
            "name": world.name("oac"),
            "originAccessControlOriginType": "s3",
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
        {"description": "changed"},
    ),
    Case(
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        lambda world: {
            "name": world.name("headers"),
            "securityHeadersConfig": {
                "strictTransportSecurity": {"accessControlMaxAgeSec": 31536000, "override": True},
                "contentTypeOptions": {"override": True},
            },
        },
        {"comment": "changed"},
    ),
)

WATCHING = (
    Case(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        lambda world: {
            "name": world.name("errors"),
            "logGroupName": world.output("logs", "name"),
            "pattern": '{ $.level = "error" }',
            "metricTransformation": {
                "name": "Errors",
                "namespace": "Shop",
                "value": "1",
                "defaultValue": "0",
                "unit": "Count",
            },
        },
        {"pattern": "ERROR"},
    ),
    Case(
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        lambda world: {
            "alarmName": world.name("ill"),
            "alarmRule": f'ALARM("{world.id("alarm")}")',
            "alarmDescription": "It is ill.",
            "alarmActions": [world.output("topic", "arn")],
        },
        {"alarmDescription": "It is really ill."},
    ),
    Case(
        "aws:xray/group:Group",
        lambda world: {"groupName": world.name("slow"), "filterExpression": "responsetime > 5"},
        {"filterExpression": "responsetime > 6"},
    ),
    Case(
        "aws:xray/samplingRule:SamplingRule",
        lambda world: {
            "ruleName": world.name("all"),
            "priority": 100,
            "version": 1,
            "reservoirSize": 1,
            "fixedRate": 0.05,
            "urlPath": "*",
            "host": "*",
            "httpMethod": "*",
            "serviceType": "*",
            "serviceName": "*",
            "resourceArn": "*",
        },
        {"fixedRate": 0.1},
    ),
    Case(
        "aws:xray/encryptionConfig:EncryptionConfig",
        lambda world: {"type": "KMS", "keyId": world.output("key", "arn")},
        {"type": "NONE"},
    ),
    Case(
        "aws:amp/workspace:Workspace",
        lambda world: {"alias": world.name("metrics")},
        {"tags": {"Changed": "yes"}},
    ),
    Case(
        "aws:amp/workspaceConfiguration:WorkspaceConfiguration",
        lambda world: {"workspaceId": "ws-it", "retentionPeriodInDays": 60},
        {"retentionPeriodInDays": 90},
    ),
    Case(
        "aws:amp/alertManagerDefinition:AlertManagerDefinition",
        lambda world: {"workspaceId": "ws-it", "definition": "alertmanager_config: |\n"},
        {"definition": "alertmanager_config: |\n  route:\n"},
    ),
    Case(
        "aws:amp/ruleGroupNamespace:RuleGroupNamespace",
        lambda world: {"workspaceId": "ws-it", "name": "rules", "data": "groups: []\n"},
        {"data": "groups:\n"},
    ),
    Case(
        "aws:grafana/workspace:Workspace",
        lambda world: {
            "name": world.name("boards"),
            "accountAccessType": "CURRENT_ACCOUNT",
            "authenticationProviders": ["AWS_SSO"],
            "permissionType": "CUSTOMER_MANAGED",
            "roleArn": world.output("role", "arn"),
        },
        {"dataSources": ["CLOUDWATCH"]},
    ),
    Case(
        "aws:grafana/roleAssociation:RoleAssociation",
        lambda world: {"workspaceId": "g-it", "role": "ADMIN", "groupIds": ["one"]},
        {"groupIds": ["one", "two"]},
    ),
    Case(
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        lambda world: {
            "replicationConfiguration": {
                "rules": [{"destinations": [{"region": "us-west-2", "registryId": "0" * 12}]}]
            }
        },
        {
            "replicationConfiguration": {
                "rules": [{"destinations": [{"region": "eu-west-1", "registryId": "0" * 12}]}]
            }
        },
    ),
    Case(
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        lambda world: {"name": world.name("jobs")},
        {"tags": {"Changed": "yes"}},
    ),
    Case(
        "aws:scheduler/schedule:Schedule",
        lambda world: {
            "name": world.name("nightly"),
            "scheduleExpression": "cron(0 3 * * ? *)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": world.output("cluster", "arn"),
                "roleArn": world.output("role", "arn"),
                "ecsParameters": {
                    "taskDefinitionArn": world.output("definition", "arn"),
                    "launchType": "FARGATE",
                    "taskCount": 1,
                    "networkConfiguration": {
                        "subnets": [world.id("subnet-a")],
                        "assignPublicIp": False,
                    },
                },
                "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 3600},
            },
        },
        {"scheduleExpression": "rate(2 hours)"},
    ),
    Case(
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        lambda world: {
            **_scaled(world),
            "name": world.name("morning"),
            "schedule": "cron(0 6 * * ? *)",
            "scalableTargetAction": {"minCapacity": 2, "maxCapacity": 4},
        },
        {"scalableTargetAction": {"minCapacity": 1, "maxCapacity": 4}},
    ),
)

COMPUTE = (
    _needed("cluster", {"settings": [{"name": "containerInsights", "value": "enabled"}]}),
    Case(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        lambda world: {
            "clusterName": world.output("cluster", "name"),
            "capacityProviders": ["FARGATE"],
        },
        {"capacityProviders": ["FARGATE", "FARGATE_SPOT"]},
    ),
    _needed("definition"),
    _needed(
        "service",
        {"deploymentMaximumPercent": 150},
        drift=lambda world, arn: world.client("ecs").update_service(
            cluster=world.id("cluster"), service=arn, enableExecuteCommand=True
        ),
        drifted="enableExecuteCommand",
    ),
    _needed("scaling", {"maxCapacity": 4}),
    Case(
        "aws:appautoscaling/policy:Policy",
        lambda world: {
            **_scaled(world),
            "name": world.name("cpu"),
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 70,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
            },
        },
        {
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 50,
                "scaleInCooldown": 60,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
            }
        },
    ),
)

STORES = (
    _needed("database-subnets", {"description": "changed"}),
    Case(
        "aws:rds/parameterGroup:ParameterGroup",
        lambda world: {
            "name": world.name("params"),
            "family": "postgres15",
            "parameters": [{"name": "work_mem", "value": "8192"}],
        },
        {"parameters": [{"name": "work_mem", "value": "16384"}]},
        lambda world, name: world.client("rds").modify_db_parameter_group(
            DBParameterGroupName=name,
            Parameters=[
                {"ParameterName": "work_mem", "ParameterValue": "99", "ApplyMethod": "immediate"}
            ],
        ),
        "parameters",
    ),
    _needed(
        "database",
        {"backupRetentionPeriod": 3, "tags": {"A": "b"}},
        drift=lambda world, identity: world.client("rds").modify_db_instance(
            DBInstanceIdentifier=world.name("db"), BackupRetentionPeriod=5, ApplyImmediately=True
        ),
        drifted="backupRetentionPeriod",
    ),
    _needed("proxy", {"idleClientTimeout": 900}),
    Case(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        lambda world: {
            "dbProxyName": world.id("proxy"),
            "connectionPoolConfig": {"maxConnectionsPercent": 100},
        },
        {"connectionPoolConfig": {"maxConnectionsPercent": 50}},
    ),
    Case(
        "aws:rds/proxyTarget:ProxyTarget",
        lambda world: {
            "dbProxyName": world.id("proxy"),
            "targetGroupName": "default",
            "dbInstanceIdentifier": world.output("database", "identifier"),
        },
    ),
    _needed("cache-subnets", {"description": "changed"}),
    Case(
        "aws:elasticache/parameterGroup:ParameterGroup",
        lambda world: {
            "name": world.name("cp"),
            "family": "redis7",
            "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
        },
        {"parameters": [{"name": "maxmemory-policy", "value": "noeviction"}]},
    ),
    Case(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        _redis,
        {"snapshotRetentionLimit": 5},
        _keep_fewer_snapshots,
        "snapshotRetentionLimit",
    ),
    _needed("kafka"),
    Case(
        "aws:msk/configuration:Configuration",
        lambda world: {
            "name": world.name("conf"),
            "kafkaVersions": ["3.6.0"],
            "serverProperties": "auto.create.topics.enable=false\n",
        },
        {"serverProperties": "auto.create.topics.enable=true\n"},
    ),
    Case(
        "aws:msk/topic:Topic",
        lambda world: {
            "clusterArn": world.id("kafka"),
            "name": "events",
            "partitionCount": 2,
            "replicationFactor": 2,
            "configs": json.dumps({"retention.ms": "3600000"}),
        },
        {"partitionCount": 4, "configs": json.dumps({"retention.ms": "7200000"})},
    ),
)


def _events(world: World) -> dict[str, Any]:
    names = ("userId", "timestamp", "eventType")
    return {
        "name": world.name("events"),
        "attributes": [{"name": key, "type": "S"} for key in names],
        "hashKey": "userId",
        "rangeKey": "timestamp",
        "billingMode": "PROVISIONED",
        "readCapacity": 5,
        "writeCapacity": 5,
        "globalSecondaryIndexes": [_index("eventType")],
        "ttl": {"attributeName": "expiresAt", "enabled": True},
        "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": world.output("key", "arn")},
        "streamEnabled": True,
        "streamViewType": "NEW_AND_OLD_IMAGES",
        "tags": {"Product": "journey"},
    }


def _index(key: str) -> dict[str, Any]:
    keys = (("HASH", key), ("RANGE", "timestamp"))
    return {
        "name": f"{key}-timestamp",
        "keySchemas": [{"attributeName": each, "keyType": kind} for kind, each in keys],
        "projectionType": "ALL",
        "readCapacity": 5,
        "writeCapacity": 5,
    }


def _budget(world: World, percent: float) -> dict[str, Any]:
    return {
        "name": world.name("budget"),
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "900.00",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:Product$journey"]}],
        "notifications": [
            {
                "notificationType": "ACTUAL",
                "comparisonOperator": "GREATER_THAN",
                "threshold": percent,
                "thresholdType": "PERCENTAGE",
                "subscriberEmailAddresses": ["ops@example.com"],
                "subscriberSnsTopicArns": [world.output("topic", "arn")],
            }
        ],
        "tags": {"Product": "journey"},
    }


def _plan_rules(world: World, days: int) -> list[dict[str, Any]]:
    return [
        {
            "ruleName": "daily",
            "targetVaultName": world.id("vault"),
            "schedule": "cron(0 5 * * ? *)",
            "startWindow": 60,
            "completionWindow": 180,
            "enableContinuousBackup": True,
            "lifecycle": {"deleteAfter": days},
            "copyActions": [
                {
                    "destinationVaultArn": world.output("vault", "arn"),
                    "lifecycle": {"deleteAfter": days},
                }
            ],
        }
    ]


DOCUMENTS = (
    Case(
        "aws:docdb/cluster:Cluster",
        lambda world: {
            "clusterIdentifier": world.name("journal"),
            "engine": "docdb",
            "engineVersion": "5.0.0",
            "masterUsername": "aura",
            "masterPassword": "a-long-enough-password",
            "dbSubnetGroupName": world.id("database-subnets"),
            "vpcSecurityGroupIds": [world.id("group")],
            "storageEncrypted": True,
            "kmsKeyId": world.output("key", "arn"),
            "backupRetentionPeriod": 7,
            "preferredBackupWindow": "03:00-04:00",
            "preferredMaintenanceWindow": "mon:04:00-mon:05:00",
            "enabledCloudwatchLogsExports": ["audit", "profiler"],
            "applyImmediately": True,
            "skipFinalSnapshot": True,
            "tags": {"Product": "aura"},
        },
        {"backupRetentionPeriod": 14, "enabledCloudwatchLogsExports": ["audit"]},
        lambda world, name: world.client("docdb").modify_db_cluster(
            DBClusterIdentifier=name, BackupRetentionPeriod=1
        ),
        "backupRetentionPeriod",
    ),
    Case(
        "aws:docdb/clusterInstance:ClusterInstance",
        lambda world: {
            "identifier": world.name("one"),
            "clusterIdentifier": world.id("documents"),
            "instanceClass": "db.t3.medium",
        },
        {"instanceClass": "db.r6g.large", "tags": {"A": "b"}},
    ),
    Case(
        "aws:docdb/subnetGroup:SubnetGroup",
        lambda world: {
            "name": world.name("ds"),
            "subnetIds": [world.id("subnet-a"), world.id("subnet-b")],
        },
        {"description": "changed"},
    ),
    Case(
        "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
        lambda world: {
            "name": world.name("dp"),
            "family": "docdb5.0",
            "parameters": [{"name": "tls", "value": "enabled"}],
        },
        {"parameters": [{"name": "audit_logs", "value": "enabled"}]},
    ),
)

BACKUP = (
    Case(
        "aws:backup/vault:Vault",
        lambda world: {
            "name": world.name("keep"),
            "kmsKeyArn": world.output("key", "arn"),
            "tags": {"Product": "shared"},
        },
        {"tags": {"Product": "shared", "Changed": "yes"}},
    ),
    Case(
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        lambda world: {"backupVaultName": world.id("vault"), "minRetentionDays": 7},
        {"maxRetentionDays": 400},
        lambda world, name: world.client("backup").put_backup_vault_lock_configuration(
            BackupVaultName=name, MinRetentionDays=1, MaxRetentionDays=400
        ),
        "minRetentionDays",
    ),
    Case(
        "aws:backup/plan:Plan",
        lambda world: {"name": world.name("daily"), "rules": _plan_rules(world, 35)},
        lambda world: {"rules": _plan_rules(world, 30)},
        lambda world, plan: world.client("backup").update_backup_plan(
            BackupPlanId=plan,
            BackupPlan={
                "BackupPlanName": world.name("daily"),
                "Rules": [{"RuleName": "other", "TargetBackupVaultName": world.id("vault")}],
            },
        ),
        "rules",
    ),
    Case(
        "aws:backup/selection:Selection",
        lambda world: {
            "planId": world.id("backup-plan"),
            "name": "tagged",
            "iamRoleArn": world.output("role", "arn"),
            "resources": ["*"],
            "conditions": [
                {"stringEquals": [{"key": "aws:ResourceTag/Environment", "value": "dev"}]}
            ],
        },
    ),
    _needed("restore-testing", {"startWindowHours": 12}),
    Case(
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
        lambda world: {
            "name": "databases",
            "restoreTestingPlanName": world.id("restore-testing"),
            "protectedResourceType": "RDS",
            "iamRoleArn": world.output("role", "arn"),
            "protectedResourceArns": ["*"],
        },
        {"validationWindowHours": 4},
    ),
)

TABLES = (
    Case(
        "aws:budgets/budget:Budget",
        lambda world: _budget(world, 80),
        lambda world: {**_budget(world, 90), "limitAmount": "1000.00", "tags": {"A": "b"}},
        lambda world, identity: world.client("budgets").delete_notification(
            AccountId=identity.partition(":")[0],
            BudgetName=world.name("budget"),
            Notification={
                "NotificationType": "ACTUAL",
                "ComparisonOperator": "GREATER_THAN",
                "Threshold": 90.0,
                "ThresholdType": "PERCENTAGE",
            },
        ),
        "notifications",
    ),
    Case(
        "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
        lambda world: {
            "region": "us-west-2",
            "sourceDbInstanceArn": world.output("database", "arn"),
            "kmsKeyId": "arn:aws:kms:us-west-2:000000000000:key/west",
            "retentionPeriod": 7,
        },
    ),
    Case(
        "aws:rds/instance:Instance",
        lambda world: {
            "region": "us-west-2",
            "identifier": world.name("recovery"),
            "replicateSourceDb": world.output("database", "arn"),
            "instanceClass": "db.t3.micro",
            "backupRetentionPeriod": 3,
            "backupWindow": "03:00-04:00",
            "maxAllocatedStorage": 100,
            "performanceInsightsEnabled": True,
            "skipFinalSnapshot": True,
        },
        {"backupRetentionPeriod": 5},
    ),
    Case(
        "aws:dynamodb/table:Table",
        _events,
        lambda world: {
            "attributes": [
                {"name": key, "type": "S"} for key in ("userId", "timestamp", "sessionId")
            ],
            "readCapacity": 10,
            "globalSecondaryIndexes": [_index("sessionId")],
            "ttl": {"attributeName": "goneAt", "enabled": True},
            "replicas": [{"regionName": "us-west-2", "pointInTimeRecovery": True}],
            "tags": {"Product": "journey", "Changed": "yes"},
        },
        lambda world, name: world.client("dynamodb").update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
        ),
        "pointInTimeRecovery",
    ),
    Case(
        "aws:dynamodb/tableReplica:TableReplica",
        lambda world: {
            "region": "us-west-2",
            "globalTableArn": world.output("events-table", "arn"),
            "pointInTimeRecovery": True,
            "tags": {"Product": "journey"},
        },
        {"deletionProtectionEnabled": False, "tags": {"Changed": "yes"}},
    ),
)


def _point_elsewhere(world: World, identity: str) -> None:
    """Change the value of a record."""
    record = {
        "Name": f"api.{world.prefix}.example.test",
        "Type": "A",
        "TTL": 60,
        "ResourceRecords": [{"Value": "10.0.0.9"}],
    }
    world.client("route53").change_resource_record_sets(
        HostedZoneId=identity.partition("_")[0],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
    )


NAMES = (
    _needed(
        "zone",
        {"comment": "changed"},
        drift=lambda world, identity: world.client("route53").update_hosted_zone_comment(
            Id=identity, Comment="drift"
        ),
        drifted="comment",
    ),
    Case(
        "aws:route53/record:Record",
        lambda world: {
            "zoneId": world.id("zone"),
            "name": "api",
            "type": "A",
            "ttl": 60,
            "records": ["10.0.0.1"],
        },
        {"records": ["10.0.0.2"]},
        _point_elsewhere,
        "records",
    ),
    Case(
        "aws:route53/record:Record",
        lambda world: {
            "zoneId": world.id("zone"),
            "name": f"www.{world.prefix}.example.test",
            "type": "A",
            "setIdentifier": "primary",
            "failoverRoutingPolicies": [{"type": "PRIMARY"}],
            "aliases": [
                {
                    "name": "lb.example.test",
                    "zoneId": "Z35SXDOTRQ7X7K",
                    "evaluateTargetHealth": True,
                }
            ],
        },
        {"failoverRoutingPolicies": [{"type": "SECONDARY"}]},
    ),
    Case(
        "aws:route53/queryLog:QueryLog",
        lambda world: {
            "zoneId": world.id("zone"),
            "cloudwatchLogGroupArn": world.output("logs", "arn"),
        },
    ),
    Case(
        "aws:route53/healthCheck:HealthCheck",
        lambda world: {
            "type": "HTTPS",
            "fqdn": f"{world.prefix}.example.test",
            "port": 443,
            "resourcePath": "/health",
            "requestInterval": 10,
            "failureThreshold": 3,
            "measureLatency": True,
            "tags": {"A": "b"},
        },
        {"failureThreshold": 2, "disabled": True},
        lambda world, identity: world.client("route53").update_health_check(
            HealthCheckId=identity, ResourcePath="/drift"
        ),
        "resourcePath",
    ),
    Case(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        lambda world: {
            "policyName": world.name("logs"),
            "policyDocument": policy("logs:PutLogEvents", Principal="*"),
        },
        {"policyDocument": policy("logs:CreateLogStream", Principal="*")},
    ),
)


def _change_limit(world: World, identity: str) -> None:
    client = world.client("wafv2")
    place = {"Name": world.name("firewall"), "Scope": "REGIONAL", "Id": identity}
    now = client.get_web_acl(**place)
    acl = now["WebACL"]
    acl["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] = 5000
    kept = {key: acl[key] for key in ("DefaultAction", "Rules", "VisibilityConfig")}
    client.update_web_acl(**place, **kept, LockToken=now["LockToken"])


def _rotation(world: World) -> dict[str, Any]:
    """Return how a secret is rotated by a function that Secrets Manager may call."""
    function = world.output("function", "arn")
    client = world.client("lambda")
    with contextlib.suppress(client.exceptions.ResourceConflictException):  # asked for again
        client.add_permission(
            FunctionName=function,
            StatementId="rotation",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
        )
    return {
        "secretId": world.id("secret"),
        "rotationLambdaArn": function,
        "rotateImmediately": False,
        "rotationRules": {"automaticallyAfterDays": 30},
    }


DELIVERIES = (
    Case(
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        lambda world: {
            "name": world.name("source"),
            "logType": "ACCESS_LOGS",
            "resourceArn": world.output("distribution", "arn"),
        },
    ),
    Case(
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        lambda world: {
            "name": world.name("destination"),
            "outputFormat": "json",
            "deliveryDestinationConfiguration": {
                "destinationResourceArn": world.output("logs", "arn")
            },
        },
    ),
    Case(
        "aws:cloudwatch/logDelivery:LogDelivery",
        lambda world: {
            "deliverySourceName": world.id("log-source"),
            "deliveryDestinationArn": world.output("log-destination", "arn"),
        },
    ),
)

ROTATIONS = (
    Case(
        "aws:secretsmanager/secretRotation:SecretRotation",
        _rotation,
        {"rotationRules": {"automaticallyAfterDays": 60}},
        lambda world, arn: world.client("secretsmanager").rotate_secret(
            SecretId=arn, RotationRules={"AutomaticallyAfterDays": 7}, RotateImmediately=False
        ),
        "rotationRules",
    ),
)

FIREWALLS = (
    _needed(
        "firewall",
        lambda world: firewall(world.name("firewall"), 2000),
        drift=_change_limit,
        drifted="rules",
    ),
    Case(
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        lambda world: {
            "resourceArn": world.id("balancer"),
            "webAclArn": world.output("firewall", "arn"),
        },
    ),
    Case(
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        lambda world: {
            "resourceArn": world.output("firewall", "arn"),
            "logDestinationConfigs": [world.output("waf-logs", "arn")],
        },
        {"redactedFields": [{"singleHeader": {"name": "authorization"}}]},
    ),
    Case(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        lambda world: {
            "url": f"https://{world.prefix}.example.test",
            "clientIdLists": ["sts.amazonaws.com"],
        },
    ),
)


def _without_logs(world: World, name: str) -> None:
    off = {"types": ["api", "audit", "scheduler"], "enabled": False}
    world.client("eks").update_cluster_config(name=name, logging={"clusterLogging": [off]})


KUBERNETES = (
    _needed(
        "eks-cluster",
        {"enabledClusterLogTypes": ["api", "audit", "scheduler"], "tags": {"Changed": "yes"}},
        drift=_without_logs,
        drifted="enabledClusterLogTypes",
    ),
    Case(
        "aws:eks/nodeGroup:NodeGroup",
        lambda world: {
            "clusterName": world.id("eks-cluster"),
            "nodeGroupName": "main",
            "nodeRoleArn": world.output("role", "arn"),
            "subnetIds": [world.id("subnet-a"), world.id("subnet-b")],
            "instanceTypes": ["m6i.large"],
            "amiType": "AL2023_x86_64_STANDARD",
            "diskSize": 50,
            "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2},
            "updateConfig": {"maxUnavailable": 1},
            "nodeRepairConfig": {"enabled": True},
            "labels": {"tier": "app", "old": "yes"},
        },
        {
            "scalingConfig": {"minSize": 1, "maxSize": 4, "desiredSize": 3},
            "labels": {"tier": "web"},
            "tags": {"Changed": "yes"},
        },
    ),
    Case(
        "aws:eks/addon:Addon",
        lambda world: {
            "clusterName": world.id("eks-cluster"),
            "addonName": "vpc-cni",
            "configurationValues": json.dumps({"enableNetworkPolicy": "true"}),
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "OVERWRITE",
        },
        {"configurationValues": json.dumps({"enableNetworkPolicy": "false"})},
    ),
    _needed("eks-entry", {"kubernetesGroups": ["viewers"], "tags": {"Changed": "yes"}}),
    Case(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        lambda world: {
            "clusterName": world.id("eks-cluster"),
            "principalArn": world.output("eks-entry", "principalArn"),
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "accessScope": {"type": "namespace", "namespaces": ["shop"]},
        },
    ),
)

CASES = (
    *KUBERNETES,
    *NETWORK,
    *SECURITY,
    *STORAGE,
    *COMPANIONS,
    *MESSAGES,
    *EDGE,
    *WATCHING,
    *COMPUTE,
    *STORES,
    *DOCUMENTS,
    *BACKUP,
    *TABLES,
    *NAMES,
    *FIREWALLS,
    *ROTATIONS,
    *DELIVERIES,
)


def _retune(world: World, name: str) -> None:
    world.client("lambda").update_function_configuration(FunctionName=name, MemorySize=1024)


def _repoint(world: World, alias: str) -> None:
    client, name = world.client("lambda"), world.id("function")
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="$LATEST")


def _shrink_batches(world: World, mapping: str) -> None:
    world.client("lambda").update_event_source_mapping(UUID=mapping, BatchSize=7)


def _shorten_retention(world: World, arn: str) -> None:
    world.client("kinesis").decrease_stream_retention_period(
        StreamName=arn.rpartition("/")[2], RetentionPeriodHours=30
    )


CASES = (
    *CASES,
    Case(
        "aws:lambda/function:Function",
        lambda world: {
            **function(world, "1"),
            "name": world.name("function"),
            "description": "it",
            "memorySize": 256,
            "timeout": 30,
            "architectures": ["arm64"],
            "environment": {"variables": {"LOG_LEVEL": "info"}},
            "tracingConfig": {"mode": "Active"},
            "loggingConfig": {"logFormat": "Text", "logGroup": world.id("logs")},
            "reservedConcurrentExecutions": 5,
            "tags": {"Product": "journey"},
        },
        {
            "code": code("def handle(event, context):\n    return 2\n"),
            "description": None,
            "timeout": 60,
            "reservedConcurrentExecutions": None,
            "environment": {"variables": {"LOG_LEVEL": "debug"}},
            "tags": {"Product": "journey", "Changed": "yes"},
        },
        drift=_retune,
        drifted="memorySize",
    ),
    Case(
        "aws:lambda/alias:Alias",
        NEEDED["alias"][1],
        {"description": "what is invoked"},
        drift=_repoint,
        drifted="functionVersion",
    ),
    Case(
        "aws:lambda/permission:Permission",
        lambda world: {
            "action": "lambda:InvokeFunction",
            "function": world.id("function"),
            "principal": "secretsmanager.amazonaws.com",
            "sourceAccount": "000000000000",
        },
        {},
    ),
    Case(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        lambda world: {
            "eventSourceArn": world.output("stream", "arn"),
            "functionName": world.output("alias", "arn"),
            "batchSize": 100,
            "bisectBatchOnFunctionError": True,
            "maximumRetryAttempts": 3,
            "maximumRecordAgeInSeconds": 3600,
            "parallelizationFactor": 2,
            "startingPosition": "TRIM_HORIZON",
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "destinationConfig": {"onFailure": {"destinationArn": world.output("queue", "arn")}},
            "tags": {"Product": "journey"},
        },
        {
            "batchSize": 200,
            "maximumBatchingWindowInSeconds": 1,
            "enabled": False,
            "functionResponseTypes": None,
            "tags": {"Product": "journey", "Changed": "yes"},
        },
        drift=_shrink_batches,
        drifted="batchSize",
    ),
    Case(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        lambda world: {
            "functionName": world.id("function"),
            "qualifier": world.output("alias", "name"),
            "maximumRetryAttempts": 1,
            "destinationConfig": {"onFailure": {"destination": world.output("queue", "arn")}},
        },
        {"maximumRetryAttempts": 2},
    ),
    Case(
        "aws:kinesis/stream:Stream",
        lambda world: {
            "name": world.name("stream"),
            "shardCount": 2,
            "retentionPeriod": 48,
            "encryptionType": "KMS",
            "kmsKeyId": world.output("key", "arn"),
            "shardLevelMetrics": ["IncomingBytes", "OutgoingBytes"],
            "streamModeDetails": {"streamMode": "PROVISIONED"},
            "tags": {"Product": "journey"},
        },
        {
            "shardCount": 4,
            "retentionPeriod": 168,
            "shardLevelMetrics": ["IncomingBytes", "IteratorAgeMilliseconds"],
            "tags": {"Product": "journey", "Changed": "yes"},
        },
        drift=_shorten_retention,
        drifted="retentionPeriod",
    ),
)


CASES = (
    *CASES,
    Case(
        "aws:msk/clusterPolicy:ClusterPolicy",
        lambda world: {
            "clusterArn": f"{KAFKA}:cluster/events/1",
            "policy": policy("kafka:DescribeClusterV2", Principal="*"),
        },
        {"policy": policy("kafka:GetBootstrapBrokers", Principal="*")},
    ),
    Case(
        "aws:msk/replicator:Replicator",
        lambda world: {
            "replicatorName": world.name("replicator"),
            "serviceExecutionRoleArn": world.output("role", "arn"),
            "kafkaClusters": [_replicated("a"), _replicated("b")],
            "replicationInfoList": {
                "sourceKafkaClusterArn": f"{KAFKA}:cluster/a/1",
                "targetKafkaClusterArn": f"{KAFKA}:cluster/b/1",
                "targetCompressionType": "LZ4",
                "topicReplications": [{"topicsToReplicates": [".*"]}],
                "consumerGroupReplications": [{"consumerGroupsToReplicates": [".*"]}],
            },
        },
        {},
    ),
)


def _replicated(name: str) -> dict[str, Any]:
    network = {"subnetIds": ["s-1", "s-2"], "securityGroupsIds": ["sg-1"]}
    cluster = {"mskClusterArn": f"{KAFKA}:cluster/{name}/1"}
    return {"amazonMskCluster": cluster, "vpcConfig": network}
