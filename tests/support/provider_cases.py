"""Real inputs for every resource type of the provider's table, with a change and a drift each."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from support.ports import free_port

from platformctl.plugin.provider import Call, ResourceState
from platformctl.plugin.values import Archive, Asset
from platformctl.provider.aws import AwsProvider

ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ],
    }
)


def policy(action: str, resource: str = "*", **more: Any) -> str:
    """Return a policy document with one statement."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def function(world: "World", answer: str) -> dict[str, Any]:
    """Return a Lambda function that answers so."""
    return {
        "code": code(f"def handle(event, context):\n    return {answer}\n"),
        "handler": "it.handle",
        "runtime": "python3.13",
        "role": world.output("role", "arn"),
        "publish": True,
    }


def code(text: str) -> Archive:
    """Return an archive with one module `it`."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Archive(digest, assets={"it.py": Asset(digest, text=text)})


class World:
    """What a resource under test needs around it, made by the provider when first asked for.

    Args:
        provider: The provider under test.
        client: Makes boto3 clients of the same region.
        prefix: Makes names unique.
    """

    def __init__(self, provider: AwsProvider, client: Callable[[str], Any], prefix: str) -> None:
        self.provider = provider
        self.client = client
        self.prefix = prefix
        self.made: dict[str, tuple[str, ResourceState]] = {}
        self._ports: dict[str, int] = {}

    def port(self, what: str) -> int:
        """Return a port of this machine that nobody listened on when it was first asked for."""
        return self._ports.setdefault(what, free_port())

    def name(self, what: str) -> str:
        """Return a name that is this world's own."""
        return f"{self.prefix}-{what}"

    def create(self, token: str, key: str, inputs: Mapping[str, Any]) -> ResourceState:
        """Create a resource as the engine does: check, then create."""
        call = Call(urn=f"urn:pulumi:test::test::{token}::{key}", type=token, name=self.name(key))
        checked = self.provider.check(call, {}, dict(inputs), key.encode() + self.prefix.encode())
        assert checked.failures == [], checked.failures
        return self.provider.create(call, checked.inputs)

    def make(self, key: str) -> ResourceState:
        """Return a resource of `NEEDED`, made when it is first asked for."""
        if key not in self.made:
            token, inputs = NEEDED[key]
            self.made[key] = (token, self.create(token, key, inputs(self)))
        return self.made[key][1]

    def id(self, key: str) -> str:
        """Return the id of a resource of `NEEDED`."""
        return self.make(key).id

    def output(self, key: str, name: str) -> Any:
        """Return an output of a resource of `NEEDED`."""
        return self.make(key).outputs[name]

    def destroy(self) -> None:
        """Delete everything that was made, last first."""
        for key, (token, state) in reversed(list(self.made.items())):
            call = Call(urn="", type=token, name=self.name(key))
            self.provider.delete(call, state.id, state.inputs, state.outputs)
        self.made.clear()


Inputs = Callable[[World], dict[str, Any]]
SUBNETS = ("subnet-a", "subnet-b")


def _subnet(zone: str, number: int, world: World) -> dict[str, Any]:
    return {
        "vpcId": world.id("vpc"),
        "cidrBlock": f"10.0.{number}.0/24",
        "availabilityZone": f"us-east-1{zone}",
    }


def _subnets(world: World) -> list[str]:
    return [world.id(key) for key in SUBNETS]


def firewall(name: str, limit: int) -> dict[str, Any]:
    """Return a web ACL with one managed rule set and a rate limit."""

    def seen(metric: str) -> dict[str, Any]:
        return {
            "cloudwatchMetricsEnabled": True,
            "metricName": metric,
            "sampledRequestsEnabled": True,
        }

    rate = {"aggregateKeyType": "IP", "limit": limit, "evaluationWindowSec": 300}
    managed = {
        "vendorName": "AWS",
        "name": "AWSManagedRulesCommonRuleSet",
        "ruleActionOverrides": [
            {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}},
        ],
    }
    return {
        "name": name,
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "visibilityConfig": seen(name),
        "rules": [
            {
                "name": "rate",
                "priority": 0,
                "action": {"block": {"customResponse": {"responseCode": 429}}},
                "statement": {"rateBasedStatement": rate},
                "visibilityConfig": seen("rate"),
            },
            {
                "name": "common",
                "priority": 10,
                "overrideAction": {"none": {}},
                "statement": {"managedRuleGroupStatement": managed},
                "visibilityConfig": seen("common"),
            },
        ],
    }


def distribution(world: "World") -> dict[str, Any]:
    """Return a distribution before a server on this machine."""
    return {
        "enabled": True,
        "comment": world.name("page"),
        "defaultRootObject": "index.html",
        "origins": [
            {
                "originId": "api",
                "domainName": "127.0.0.1",
                "customOriginConfig": {
                    "httpPort": 8080,
                    "httpsPort": 443,
                    "originProtocolPolicy": "http-only",
                    "originSslProtocols": ["TLSv1.2"],
                },
            }
        ],
        "defaultCacheBehavior": {
            "targetOriginId": "api",
            "viewerProtocolPolicy": "allow-all",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "compress": True,
        },
        "customErrorResponses": [
            {"errorCode": 403, "responseCode": 200, "responsePagePath": "/index.html"}
        ],
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"cloudfrontDefaultCertificate": True},
    }


NEEDED: dict[str, tuple[str, Inputs]] = {
    "vpc": ("aws:ec2/vpc:Vpc", lambda world: {"cidrBlock": "10.0.0.0/16"}),
    "subnet-a": ("aws:ec2/subnet:Subnet", partial(_subnet, "a", 1)),
    "subnet-b": ("aws:ec2/subnet:Subnet", partial(_subnet, "b", 2)),
    "gateway": (
        "aws:ec2/internetGateway:InternetGateway",
        lambda world: {"vpcId": world.id("vpc")},
    ),
    "events-table": (
        "aws:dynamodb/table:Table",
        lambda world: {
            "name": world.name("events-table"),
            "attributes": [{"name": "userId", "type": "S"}],
            "hashKey": "userId",
            "billingMode": "PAY_PER_REQUEST",
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
        },
    ),
    "table": ("aws:ec2/routeTable:RouteTable", lambda world: {"vpcId": world.id("vpc")}),
    "table-2": ("aws:ec2/routeTable:RouteTable", lambda world: {"vpcId": world.id("vpc")}),
    "acl": ("aws:ec2/networkAcl:NetworkAcl", lambda world: {"vpcId": world.id("vpc")}),
    "group": (
        "aws:ec2/securityGroup:SecurityGroup",
        lambda world: {"vpcId": world.id("vpc"), "description": "one"},
    ),
    "group-2": (
        "aws:ec2/securityGroup:SecurityGroup",
        lambda world: {"vpcId": world.id("vpc"), "description": "two"},
    ),
    "address": ("aws:ec2/eip:Eip", lambda world: {"tags": {"Name": world.name("address")}}),
    "key": ("aws:kms/key:Key", lambda world: {"deletionWindowInDays": 7}),
    "key-2": ("aws:kms/key:Key", lambda world: {"deletionWindowInDays": 7}),
    "role": ("aws:iam/role:Role", lambda world: {"assumeRolePolicy": ASSUME}),
    "bucket": ("aws:s3/bucket:Bucket", lambda world: {"forceDestroy": True}),
    "documents": (
        "aws:docdb/cluster:Cluster",
        lambda world: {
            "clusterIdentifier": world.name("documents"),
            "masterUsername": "aura",
            "masterPassword": "a-long-enough-password",
            "dbSubnetGroupName": world.id("database-subnets"),
            "skipFinalSnapshot": True,
        },
    ),
    "vault": ("aws:backup/vault:Vault", lambda world: {"name": world.name("vault")}),
    "backup-plan": (
        "aws:backup/plan:Plan",
        lambda world: {
            "name": world.name("plan"),
            "rules": [
                {
                    "ruleName": "daily",
                    "targetVaultName": world.id("vault"),
                    "schedule": "cron(0 5 * * ? *)",
                    "lifecycle": {"deleteAfter": 35},
                }
            ],
        },
    ),
    "restore-testing": (
        "aws:backup/restoreTestingPlan:RestoreTestingPlan",
        lambda world: {
            "name": f"{world.prefix}_testing",
            "scheduleExpression": "cron(0 5 ? * SUN *)",
            "recoveryPointSelection": {
                "algorithm": "LATEST_WITHIN_WINDOW",
                "includeVaults": [world.output("vault", "arn")],
                "recoveryPointTypes": ["SNAPSHOT"],
                "selectionWindowDays": 7,
            },
        },
    ),
    "bucket-2": ("aws:s3/bucket:Bucket", lambda world: {"forceDestroy": True}),
    "queue": ("aws:sqs/queue:Queue", lambda world: {}),
    "topic": ("aws:sns/topic:Topic", lambda world: {}),
    "stream": ("aws:kinesis/stream:Stream", lambda world: {"shardCount": 1}),
    "function": ("aws:lambda/function:Function", lambda world: function(world, "1")),
    "alias": (
        "aws:lambda/alias:Alias",
        lambda world: {
            "name": "live",
            "functionName": world.id("function"),
            "functionVersion": world.output("function", "version"),
        },
    ),
    "alarm": (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        lambda world: {
            "name": world.name("a"),
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "metricName": "Errors",
            "namespace": "Shop",
            "period": 60,
            "statistic": "Sum",
            "threshold": 1,
        },
    ),
    "logs": ("aws:cloudwatch/logGroup:LogGroup", lambda world: {}),
    "waf-logs": (
        "aws:cloudwatch/logGroup:LogGroup",
        lambda world: {"name": f"aws-waf-logs-{world.prefix}"},
    ),
    "secret": (
        "aws:secretsmanager/secret:Secret",
        lambda world: {"recoveryWindowInDays": 0},
    ),
    "repository": ("aws:ecr/repository:Repository", lambda world: {"forceDelete": True}),
    "distribution": ("aws:cloudfront/distribution:Distribution", distribution),
    "log-source": (
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        lambda world: {
            "name": world.name("logged"),
            "logType": "ACCESS_LOGS",
            "resourceArn": world.output("distribution", "arn"),
        },
    ),
    "log-destination": (
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        lambda world: {
            "name": world.name("kept"),
            "deliveryDestinationConfiguration": {
                "destinationResourceArn": world.output("logs", "arn")
            },
        },
    ),
    "zone": (
        "aws:route53/zone:Zone",
        lambda world: {"name": f"{world.prefix}.example.test", "forceDestroy": True},
    ),
    "firewall": ("aws:wafv2/webAcl:WebAcl", lambda world: firewall(world.name("firewall"), 1000)),
    "certificate": (
        "aws:acm/certificate:Certificate",
        lambda world: {"domainName": "example.test", "validationMethod": "DNS"},
    ),
    "balancer": (
        "aws:lb/loadBalancer:LoadBalancer",
        lambda world: {"name": world.name("lb"), "subnets": _subnets(world)},
    ),
    "targets": (
        "aws:lb/targetGroup:TargetGroup",
        lambda world: {
            "name": world.name("tg"),
            "port": 8080,
            "protocol": "HTTP",
            "targetType": "ip",
            "vpcId": world.id("vpc"),
        },
    ),
    "listener": (
        "aws:lb/listener:Listener",
        lambda world: {
            "loadBalancerArn": world.id("balancer"),
            "port": world.port("listener"),
            "defaultActions": [{"type": "forward", "targetGroupArn": world.id("targets")}],
        },
    ),
    "cluster": ("aws:ecs/cluster:Cluster", lambda world: {}),
    "definition": (
        "aws:ecs/taskDefinition:TaskDefinition",
        lambda world: {
            "family": world.name("task"),
            "cpu": "256",
            "memory": "512",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": json.dumps([{"name": "app", "image": "none/none:1"}]),
        },
    ),
    "service": (
        "aws:ecs/service:Service",
        lambda world: {
            "cluster": world.id("cluster"),
            "taskDefinition": world.output("definition", "arn"),
            "desiredCount": 0,
            "launchType": "FARGATE",
            "networkConfiguration": {"subnets": _subnets(world)},
        },
    ),
    "scaling": (
        "aws:appautoscaling/target:Target",
        lambda world: {
            "serviceNamespace": "ecs",
            "resourceId": "service/{}/{}".format(
                world.output("cluster", "name"), world.output("service", "name")
            ),
            "scalableDimension": "ecs:service:DesiredCount",
            "minCapacity": 0,
            "maxCapacity": 2,
        },
    ),
    "eks-cluster": (
        "aws:eks/cluster:Cluster",
        lambda world: {
            "name": world.name("eks"),
            "roleArn": world.output("role", "arn"),
            "version": "1.34",
            "vpcConfig": {
                "subnetIds": _subnets(world),
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["203.0.113.0/24"],
            },
            "encryptionConfig": {
                "provider": {"keyArn": world.output("key", "arn")},
                "resources": ["secrets"],
            },
            "enabledClusterLogTypes": ["api", "audit"],
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            "upgradePolicy": {"supportType": "STANDARD"},
            "bootstrapSelfManagedAddons": False,
        },
    ),
    "eks-entry": (
        "aws:eks/accessEntry:AccessEntry",
        lambda world: {
            "clusterName": world.id("eks-cluster"),
            "principalArn": world.output("role", "arn"),
            "type": "STANDARD",
        },
    ),
    "database-subnets": (
        "aws:rds/subnetGroup:SubnetGroup",
        lambda world: {"subnetIds": _subnets(world)},
    ),
    "database": (
        "aws:rds/instance:Instance",
        lambda world: {
            "identifier": world.name("db"),
            "engine": "postgres",
            "engineVersion": "15",
            "instanceClass": "db.t3.micro",
            "allocatedStorage": 20,
            "username": "analytics",
            "password": "a-long-enough-password",
            "dbSubnetGroupName": world.id("database-subnets"),
            "skipFinalSnapshot": True,
        },
    ),
    "proxy": (
        "aws:rds/proxy:Proxy",
        lambda world: {
            "name": world.name("proxy"),
            "engineFamily": "POSTGRESQL",
            "roleArn": world.output("role", "arn"),
            "vpcSubnetIds": _subnets(world),
            "auths": [{"authScheme": "SECRETS", "secretArn": world.id("secret")}],
        },
    ),
    "cache-subnets": (
        "aws:elasticache/subnetGroup:SubnetGroup",
        lambda world: {"name": world.name("cs"), "subnetIds": _subnets(world)},
    ),
    "kafka": (
        "aws:msk/cluster:Cluster",
        lambda world: {
            "clusterName": world.name("kafka"),
            "kafkaVersion": "3.6.0",
            "numberOfBrokerNodes": 2,
            "brokerNodeGroupInfo": {
                "instanceType": "kafka.t3.small",
                "clientSubnets": _subnets(world),
                "securityGroups": [world.id("group")],
                "storageInfo": {"ebsStorageInfo": {"volumeSize": 10}},
            },
            "encryptionInfo": {"encryptionInTransit": {"clientBroker": "PLAINTEXT"}},
        },
    ),
}


@dataclass(frozen=True)
class Case:
    """One resource type on its way through its life.

    Attributes:
        type: Type token.
        inputs: Makes its inputs.
        change: Inputs to change in place, or a function that makes them.
        drift: Changes it behind the provider's back, given the world and the id.
        drifted: The input that then reads otherwise.
    """

    type: str
    inputs: Inputs
    change: Mapping[str, Any] | Inputs = field(default_factory=dict)
    drift: Callable[[World, str], Any] | None = None
    drifted: str = ""

    def changed(self, world: World) -> dict[str, Any]:
        """Return the inputs after the change."""
        change = self.change(world) if callable(self.change) else self.change
        return {**self.inputs(world), **change}
