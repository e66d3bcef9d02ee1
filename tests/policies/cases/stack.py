"""Rule → small stacks: (what they are, resources, what is found as (answer, resource, path))."""

import json

from support.policies import UNKNOWN, resource

R = resource
WEST = {"region": "us-west-2"}
SG = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def rule(name, group, source=None, **inputs):
    """Return a rule that lets a group, or what `inputs` say, into a group."""
    sources = {"securityGroupId": [group]}
    inputs = {"securityGroupId": UNKNOWN, "ipProtocol": "tcp", **inputs}
    if source:
        sources["referencedSecurityGroupId"] = [source]
        inputs["referencedSecurityGroupId"] = UNKNOWN
    return R(INGRESS, name, sources=sources, inputs=inputs)


def web(name, group):
    return rule(name, group, cidrIpv4="0.0.0.0/0", fromPort=443, toPort=443)


front, app, data = (R(SG, name) for name in ("front", "app", "data"))
balancer = R(
    "aws:lb/loadBalancer:LoadBalancer",
    "balancer",
    sources={"securityGroups": [front]},
    inputs={"securityGroups": [UNKNOWN], "subnets": ["subnet-1", "subnet-2"]},
)
inner = R("aws:lb/loadBalancer:LoadBalancer", "inner", inputs={"internal": True})
database = R(
    "aws:rds/instance:Instance",
    "database",
    sources={"vpcSecurityGroupIds": [data]},
    inputs={"identifier": "shop", "vpcSecurityGroupIds": [UNKNOWN]},
    outputs={"arn": "arn:aws:rds:us-east-1:000000000000:db:shop"},
)
replica = R(
    "aws:rds/instance:Instance",
    "replica",
    sources={"replicateSourceDb": [database]},
    inputs={"identifier": "shop-west", "replicateSourceDb": UNKNOWN, **WEST},
)
vpc = R("aws:ec2/vpc:Vpc", "vpc")
subnet = R("aws:ec2/subnet:Subnet", "subnet", sources={"vpcId": [vpc]}, inputs={"vpcId": UNKNOWN})
table = R("aws:ec2/routeTable:RouteTable", "table")
association = R(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "association",
    sources={"subnetId": [subnet], "routeTableId": [table]},
    inputs={"subnetId": UNKNOWN, "routeTableId": UNKNOWN},
)
gateway = R("aws:ec2/internetGateway:InternetGateway", "gateway")
route = R(
    "aws:ec2/route:Route",
    "route",
    sources={"routeTableId": [table], "gatewayId": [gateway]},
    inputs={"routeTableId": UNKNOWN, "gatewayId": UNKNOWN, "destinationCidrBlock": "0.0.0.0/0"},
)
nat_route = R(
    "aws:ec2/route:Route",
    "nat",
    sources={"routeTableId": [table]},
    inputs={"routeTableId": UNKNOWN, "natGatewayId": "nat-1"},
)
subnet_group = R(
    "aws:rds/subnetGroup:SubnetGroup",
    "subnets",
    sources={"subnetIds": [subnet]},
    inputs={"subnetIds": [UNKNOWN]},
)
distribution = R(
    "aws:cloudfront/distribution:Distribution",
    "cdn",
    sources={"origins": [balancer]},
    inputs={"origins": [{"domainName": UNKNOWN}]},
)
listener = R(
    "aws:lb/listener:Listener",
    "listener",
    sources={"loadBalancerArn": [balancer]},
    inputs={"loadBalancerArn": UNKNOWN},
)
group = R("aws:lb/targetGroup:TargetGroup", "group", inputs={"port": 80, "protocol": "HTTP"})
other_group = R("aws:lb/targetGroup:TargetGroup", "other", inputs={"port": 81, "protocol": "HTTP"})
listener_rule = R(
    "aws:lb/listenerRule:ListenerRule",
    "rule",
    sources={"listenerArn": [listener], "actions": [group]},
    inputs={"listenerArn": UNKNOWN, "actions": [{"type": "forward", "targetGroupArn": UNKNOWN}]},
)
header_rule = R(
    "aws:lb/listenerRule:ListenerRule",
    "rule",
    sources={"listenerArn": [listener]},
    inputs={"conditions": [{"httpHeader": {"httpHeaderName": "x-origin", "values": ["1"]}}]},
)
service = R(
    "aws:ecs/service:Service",
    "web",
    sources={"loadBalancers": [group]},
    inputs={
        "name": "web",
        "desiredCount": 2,
        "loadBalancers": [{"targetGroupArn": UNKNOWN}],
        "networkConfiguration": {"subnets": [UNKNOWN]},
    },
)
placed = {**service, "propertyDependencies": {"networkConfiguration": [subnet["urn"]]}}
topic = R("aws:sns/topic:Topic", "alerts")
subscription = R(
    "aws:sns/topicSubscription:TopicSubscription",
    "mail",
    sources={"topic": [topic]},
    inputs={"topic": UNKNOWN, "protocol": "email"},
)


def alarm(name, metric, dimensions=None, about=(), **inputs):
    return R(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        name,
        sources={"dimensions": about, "alarmActions": [topic]},
        inputs={
            "metricName": metric,
            "dimensions": dimensions or {},
            "alarmActions": [UNKNOWN],
            **inputs,
        },
    )


vault = R("aws:backup/vault:Vault", "west-vault", inputs=WEST)
lock = R(
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "lock",
    sources={"backupVaultName": [vault]},
    inputs={"backupVaultName": UNKNOWN},
)
plan = R(
    "aws:backup/plan:Plan",
    "plan",
    sources={"rules": [vault]},
    inputs={"rules": [{"copyActions": [{"destinationVaultArn": UNKNOWN}]}]},
)
bare_plan = R("aws:backup/plan:Plan", "plan", inputs={"rules": [{"ruleName": "daily"}]})


def selection(**inputs):
    return R("aws:backup/selection:Selection", "selection", inputs=inputs)


tagged = {**database, "inputs": {**database["inputs"], "tags": {"Backup": "daily"}}}
by_tag = {"selectionTags": [{"type": "STRINGEQUALS", "key": "Backup", "value": "daily"}]}
east_key = R("aws:kms/key:Key", "east")
west_key = R("aws:kms/key:Key", "west", inputs=WEST)


def encrypted(key):
    return R(
        "aws:rds/instance:Instance",
        "replica",
        sources={"kmsKeyId": [key], "replicateSourceDb": [database]},
        inputs={"kmsKeyId": UNKNOWN, "replicateSourceDb": UNKNOWN, **WEST},
    )


def stored(name="password", **inputs):
    arn = f"arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}"
    return R("aws:secretsmanager/secret:Secret", name, inputs=inputs, outputs={"arn": arn}, id=arn)


bucket = R("aws:s3/bucket:Bucket", "files", inputs={"tags": {"DataClass": "internal"}})
west_bucket = R("aws:s3/bucket:Bucket", "copy", inputs=WEST)


def about_bucket(token, name, of=bucket, **inputs):
    sources = {"bucket": [of]}
    return R(token, name, sources=sources, inputs={"bucket": UNKNOWN, **inputs})


ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
COMPANIONS = [
    about_bucket(token, f"part-{number}")
    for number, token in enumerate(
        (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            ENCRYPTION,
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:s3/bucketVersioning:BucketVersioning",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        )
    )
]


def replication(**changes):
    said = {
        "status": "Enabled",
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
        "deleteMarkerReplication": {"status": "Enabled"},
        "destination": {
            "bucket": UNKNOWN,
            "metrics": {"status": "Enabled"},
            "encryptionConfiguration": {"replicaKmsKeyId": UNKNOWN},
        },
        **changes,
    }
    return R(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "replication",
        sources={"bucket": [bucket], "rules": [west_bucket]},
        inputs={"bucket": UNKNOWN, "rules": [said]},
    )


versioned = [
    about_bucket("aws:s3/bucketVersioning:BucketVersioning", f"versions-{of['urn'][-4:]}", of)
    for of in (bucket, west_bucket)
]


def record(side, name="shop.example.com"):
    return R(
        "aws:route53/record:Record",
        side.lower(),
        inputs={"name": name, "type": "A", "failoverRoutingPolicies": [{"type": side}]},
    )


def running(name, image, **inputs):
    """Return a service and its task definition."""
    containers = json.dumps([{"name": "web", "image": image}])
    definition = R(
        "aws:ecs/taskDefinition:TaskDefinition",
        f"{name}-tasks",
        inputs={"family": name, "containerDefinitions": containers},
    )
    of = R(
        "aws:ecs/service:Service",
        name,
        sources={"taskDefinition": [definition]},
        inputs={"name": "web", "taskDefinition": UNKNOWN, **inputs},
    )
    return [definition, of]


def replicator(groups, position="LATEST"):
    said = {"topicReplications": [{"topicsToReplicates": [".*"]}], "consumerGroupReplications": []}
    if position:
        said["topicReplications"][0]["startingPosition"] = {"type": position}
    said["consumerGroupReplications"] = groups
    return R("aws:msk/replicator:Replicator", "copies", inputs={"replicationInfoList": said})


def weighted(second, **more):
    actions = [{"forward": {"targetGroups": [{"arn": UNKNOWN}, {"arn": UNKNOWN}]}}]
    return R(
        "aws:lb/listenerRule:ListenerRule",
        "weights",
        sources={"actions": [group, second]},
        inputs={"actions": actions},
        **more,
    )


role = R("aws:iam/role:Role", "role", outputs={"arn": "arn:aws:iam::000000000000:role/role"})


def definition(name, role_of="taskRoleArn", **inputs):
    return R(
        "aws:ecs/taskDefinition:TaskDefinition",
        name,
        sources={role_of: [role]},
        inputs={"family": name, role_of: UNKNOWN, **inputs},
    )


def grant(arn):
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
    return R(
        "aws:iam/rolePolicy:RolePolicy",
        "grant",
        sources={"role": [role]},
        inputs={"role": UNKNOWN, "policy": json.dumps({"Statement": [statement]})},
    )


TOKEN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:token"
reading = definition(
    "reader",
    "executionRoleArn",
    containerDefinitions=json.dumps(
        [{"name": "web", "secrets": [{"name": "T", "valueFrom": f"{TOKEN}:key::"}]}]
    ),
)
dead = R("aws:sqs/queue:Queue", "dead", inputs={"name": "dead", "messageRetentionSeconds": 1209600})
short = R("aws:sqs/queue:Queue", "dead", inputs={"name": "dead", "messageRetentionSeconds": 3600})


def queue(to, **inputs):
    return R(
        "aws:sqs/queue:Queue",
        "orders",
        sources={"redrivePolicy": [to] if to else []},
        inputs={"name": "orders", **({"redrivePolicy": UNKNOWN} if to else {}), **inputs},
    )


depth = alarm("depth", "ApproximateNumberOfMessagesVisible", {"QueueName": "dead"})
function = R("aws:lambda/function:Function", "work", inputs={"name": "work", "timeout": 60})
mapping = R(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "mapping",
    sources={"eventSourceArn": [queue(None)], "functionName": [function]},
    inputs={"eventSourceArn": UNKNOWN, "functionName": UNKNOWN},
)
scalable = R(
    "aws:appautoscaling/target:Target",
    "scaling",
    sources={"resourceId": [service]},
    inputs={"resourceId": UNKNOWN, "minCapacity": 2},
)
adaptive = {**service, "ignoreChanges": ["desiredCount"]}
used = R("aws:sns/topic:Topic", "user", sources={"kmsMasterKeyId": [east_key]}, inputs={})
zones = [
    R("aws:ec2/subnet:Subnet", f"zone-{zone}", inputs={"availabilityZone": f"us-east-1{zone}"})
    for zone in "abc"
]


def spread(*places):
    return R(
        "aws:elasticache/subnetGroup:SubnetGroup",
        "spread",
        sources={"subnetIds": places},
        inputs={"subnetIds": [UNKNOWN] * len(places)},
    )


def writer(arn):
    return R(
        "aws:lambda/function:Function",
        "writer",
        inputs={"environment": {"variables": {"QUEUE": arn}}},
        outputs={"arn": "arn:aws:lambda:us-east-1:000000000000:function:writer"},
    )


zone = R("aws:route53/zone:Zone", "zone", inputs={"name": "example.com"})
delivery_source = R(
    "aws:cloudwatch/logDeliverySource:LogDeliverySource",
    "source",
    sources={"resourceArn": [distribution]},
)
delivery = R(
    "aws:cloudwatch/logDelivery:LogDelivery",
    "out",
    sources={"deliverySourceName": [delivery_source]},
)
DIMENSIONS = {"ClusterName": "shop", "ServiceName": "web"}
service_alarms = [
    alarm("cpu", "CPUUtilization", DIMENSIONS),
    alarm("memory", "MemoryUtilization", DIMENSIONS),
    alarm("errors", "HTTPCode_Target_5XX_Count", about=[balancer]),
    alarm("latency", "TargetResponseTime", about=[group]),
    alarm("hosts", "UnHealthyHostCount", about=[group]),
]
database_alarms = [
    alarm(metric, metric, {"DBInstanceIdentifier": "shop"})
    for metric in ("CPUUtilization", "FreeStorageSpace", "DatabaseConnections")
]
BAD, UNCLEAR = "violates", "unknown"
WHOLE = ""

ledger = R("aws:dynamodb/table:Table", "table", inputs={"name": "ledger"})
ROLE = "aws:iam/role:Role"
FEDERATED = {
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::000000000000:oidc-provider/ci"},
        }
    ]
}
task_role = R(ROLE, "task")


def budget(limit, *filters):
    return R(
        "aws:budgets/budget:Budget",
        "budget",
        inputs={
            "timeUnit": "MONTHLY",
            "limitAmount": limit,
            "costFilters": [{"name": "TagKeyValue", "values": list(filters)}],
        },
    )


def right(*stores):
    return R(
        "aws:iam/rolePolicy:RolePolicy",
        "grant",
        sources={"role": [task_role], "policy": stores},
        inputs={"role": UNKNOWN, "policy": UNKNOWN},
    )


def program(*told, name="nothing"):
    return R(
        "aws:ecs/taskDefinition:TaskDefinition",
        "program",
        sources={"taskRoleArn": [task_role], "containerDefinitions": told},
        inputs={"containerDefinitions": json.dumps([{"environment": [{"value": name}]}])},
    )


CASES = {
    "data-store-not-internet-reachable": [
        (
            "from a service",
            [
                front,
                app,
                data,
                balancer,
                web("w", front),
                rule("a", app, front),
                rule("d", data, app),
                database,
            ],
            [],
        ),
        (
            "from the balancer",
            [front, data, balancer, web("w", front), rule("d", data, front), database],
            [(BAD, "database", "vpcSecurityGroupIds[]")],
        ),
        (
            "from an open group",
            [app, data, web("w", app), rule("d", data, app), database],
            [(BAD, "database", "vpcSecurityGroupIds[]")],
        ),
        (
            "from the world",
            [data, web("w", data), database],
            [(BAD, "database", "vpcSecurityGroupIds[]")],
        ),
        (
            "inline",
            [
                {**data, "inputs": {"ingress": [{"protocol": "-1", "cidrBlocks": ["::/0"]}]}},
                database,
            ],
            [(BAD, "database", "vpcSecurityGroupIds[]")],
        ),
        (
            "not told",
            [
                R(
                    "aws:msk/cluster:Cluster",
                    "k",
                    inputs={"brokerNodeGroupInfo": {"securityGroups": UNKNOWN}},
                )
            ],
            [(UNCLEAR, "k", "brokerNodeGroupInfo.securityGroups[]")],
        ),
    ],
    "data-store-subnets-private": [
        ("private", [vpc, subnet, table, association, nat_route, subnet_group], []),
        (
            "public",
            [vpc, subnet, table, association, gateway, route, subnet_group],
            [(BAD, "subnets", "subnetIds[]")],
        ),
        (
            "not told",
            [R("aws:rds/subnetGroup:SubnetGroup", "s", inputs={"subnetIds": UNKNOWN})],
            [(UNCLEAR, "s", "subnetIds[]")],
        ),
    ],
    "public-lb-has-waf": [
        ("without", [front, balancer], [(BAD, "balancer", "")]),
        (
            "with",
            [
                balancer,
                R(
                    "aws:wafv2/webAclAssociation:WebAclAssociation",
                    "a",
                    sources={"resourceArn": [balancer]},
                    inputs={"resourceArn": UNKNOWN},
                ),
            ],
            [],
        ),
        ("inside", [inner], []),
        ("old name", [R("aws:alb/loadBalancer:LoadBalancer", "old")], [(BAD, "old", "")]),
    ],
    "lb-behind-cdn-is-closed": [
        (
            "open",
            [front, web("w", front), balancer, distribution],
            [(BAD, "balancer", "securityGroups")],
        ),
        (
            "with a header",
            [front, web("w", front), balancer, distribution, listener, header_rule],
            [],
        ),
        ("closed", [front, rule("p", front, prefixListId="pl-1"), balancer, distribution], []),
        ("without a distribution", [front, web("w", front), balancer], []),
    ],
    "vpc-flow-logs-present": [
        ("without", [vpc], [(BAD, "vpc", "")]),
        ("with", [vpc, R("aws:ec2/flowLog:FlowLog", "f", sources={"vpcId": [vpc]})], []),
        (
            "by a literal id",
            [
                {**vpc, "id": "vpc-0a1b2c3d4e5f60718"},
                R("aws:ec2/flowLog:FlowLog", "f", inputs={"vpcId": "vpc-0a1b2c3d4e5f60718"}),
            ],
            [],
        ),
    ],
    "vpc-default-sg-adopted": [
        ("without", [vpc], [(BAD, "vpc", "")]),
        (
            "with",
            [
                vpc,
                R(
                    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
                    "d",
                    sources={"vpcId": [vpc]},
                ),
            ],
            [],
        ),
    ],
    "vpc-endpoints-for-private-pulls": [
        (
            "without",
            [vpc, subnet, table, association, placed],
            [(BAD, "web", "networkConfiguration.subnets")],
        ),
        ("with NAT", [vpc, subnet, table, association, nat_route, placed], []),
        (
            "with endpoints",
            [
                vpc,
                subnet,
                placed,
                *(
                    R(
                        "aws:ec2/vpcEndpoint:VpcEndpoint",
                        name,
                        sources={"vpcId": [vpc]},
                        inputs={"vpcId": UNKNOWN, "serviceName": f"com.amazonaws.us-east-1.{name}"},
                    )
                    for name in ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3")
                ),
            ],
            [],
        ),
    ],
    "service-has-alarms": [
        ("without", [service, group], [(BAD, "web", "")]),
        ("with", [service, group, balancer, listener, listener_rule, *service_alarms], []),
        (
            "but one",
            [service, group, balancer, listener, listener_rule, *service_alarms[1:]],
            [(BAD, "web", "")],
        ),
    ],
    "data-store-has-alarms": [
        ("without", [database], [(BAD, "database", "")]),
        ("with", [database, *database_alarms], []),
        (
            "of another",
            [database, alarm("c", "CPUUtilization", {"DBInstanceIdentifier": "x"})],
            [(BAD, "database", "")],
        ),
    ],
    "alarm-reaches-someone": [
        ("nobody", [topic, alarm("a", "Errors")], [(BAD, "a", "alarmActions")]),
        ("somebody", [topic, subscription, alarm("a", "Errors")], []),
        (
            "not told",
            [R("aws:cloudwatch/metricAlarm:MetricAlarm", "a", inputs={"alarmActions": [UNKNOWN]})],
            [(UNCLEAR, "a", "alarmActions")],
        ),
    ],
    "every-data-store-in-a-backup-plan": [
        ("in none", [database], [(BAD, "database", "")]),
        ("by tag", [tagged, selection(**by_tag)], []),
        ("by another tag", [database, selection(**by_tag)], [(BAD, "database", "")]),
        ("by ARN", [database, selection(resources=["arn:aws:rds:*:*:db:*"])], []),
        ("a replica", [tagged, replica, selection(**by_tag)], []),
        (
            "by ARN, but a tag is missing",
            [
                database,
                selection(
                    resources=["*"],
                    conditions=[
                        {"stringEquals": [{"key": "aws:ResourceTag/Backup", "value": "daily"}]}
                    ],
                ),
            ],
            [(BAD, "database", "")],
        ),
    ],
    "backup-copied-and-locked": [
        ("neither", [bare_plan], [(BAD, "plan", "rules[].copyActions[].destinationVaultArn")]),
        ("copied", [vault, plan], [(BAD, "west-vault", "")]),
        ("both", [vault, plan, lock], []),
    ],
    "restore-test-covers-every-type": [
        ("never", [database, bare_plan], [(BAD, "database", "")]),
        (
            "tested",
            [
                database,
                bare_plan,
                R(
                    "aws:backup/restoreTestingSelection:RestoreTestingSelection",
                    "t",
                    inputs={"protectedResourceType": "RDS", "validationWindowHours": 4},
                ),
            ],
            [],
        ),
    ],
    "dr-replica-exists": [
        ("without", [database], [(BAD, "database", "")]),
        ("with", [database, replica], []),
        ("by backup", [{**database, "inputs": {"tags": {"RecoveryTier": "backup"}}}], []),
        ("bucket", [bucket], [(BAD, "files", "")]),
        ("bucket with", [bucket, west_bucket, replication()], []),
        (
            "public bucket",
            [R("aws:s3/bucket:Bucket", "site", inputs={"tags": {"DataClass": "public"}})],
            [],
        ),
        (
            "table",
            [
                R(
                    "aws:dynamodb/table:Table",
                    "t",
                    inputs={"replicas": [{"regionName": "us-west-2"}]},
                )
            ],
            [],
        ),
    ],
    "dr-replica-key-local": [
        ("own", [database, west_key, encrypted(west_key)], []),
        ("foreign", [database, east_key, encrypted(east_key)], [(BAD, "replica", "kmsKeyId")]),
        ("none", [database, replica], [(BAD, "replica", "kmsKeyId")]),
        ("not told", [stored(kmsKeyId=UNKNOWN)], [(UNCLEAR, "password", "kmsKeyId")]),
    ],
    "dr-secrets-images-certs-present": [
        ("secret", [stored()], [(BAD, "password", "replicas")]),
        ("secret with", [stored(replicas=[{"region": "us-west-2"}])], []),
        (
            "token of a cache",
            [
                stored(),
                R("aws:elasticache/replicationGroup:ReplicationGroup", "c"),
                R(
                    "aws:secretsmanager/secretVersion:SecretVersion",
                    "v",
                    sources={
                        "secretId": [stored()],
                        "secretString": [
                            R("aws:elasticache/replicationGroup:ReplicationGroup", "c")
                        ],
                    },
                ),
            ],
            [],
        ),
        ("images", [R("aws:ecr/repository:Repository", "r")], [(BAD, "r", "")]),
        ("certificate", [balancer, R("aws:acm/certificate:Certificate", "c")], [(BAD, "c", "")]),
        (
            "certificate with",
            [
                balancer,
                R("aws:acm/certificate:Certificate", "c"),
                R("aws:acm/certificate:Certificate", "w", inputs=WEST),
            ],
            [],
        ),
    ],
    "dr-s3-replication-complete": [
        ("complete", [bucket, west_bucket, *versioned, replication()], []),
        (
            "paused",
            [bucket, west_bucket, *versioned, replication(status="Disabled")],
            [(BAD, "replication", "rules[0].status")],
        ),
        (
            "not told",
            [bucket, west_bucket, *versioned, replication(status=UNKNOWN)],
            [(UNCLEAR, "replication", "rules[0].status")],
        ),
        (
            "no versions there",
            [bucket, west_bucket, versioned[0], replication()],
            [(BAD, "copy", "")],
        ),
    ],
    "dr-dns-pair-complete": [
        ("pair", [record("PRIMARY"), record("SECONDARY")], []),
        ("half", [record("PRIMARY")], [(BAD, "primary", "failoverRoutingPolicies")]),
        (
            "other name",
            [record("PRIMARY"), record("SECONDARY", "x.example.com")],
            [(BAD, "primary", "failoverRoutingPolicies")],
        ),
        ("not told", [record("PRIMARY", UNKNOWN)], [(UNCLEAR, "primary", "name")]),
    ],
    "dr-standby-service-matches": [
        (
            "same",
            [*running("a", "1.east/shop/web:1"), *running("b", "1.west/shop/web:1", **WEST)],
            [],
        ),
        (
            "older",
            [*running("a", "1.east/shop/web:2"), *running("b", "1.west/shop/web:1", **WEST)],
            [(BAD, "b", "")],
        ),
    ],
    "msk-replication-covers-groups": [
        ("covers", [replicator([{"consumerGroupsToReplicates": [".*"]}])], []),
        (
            "no groups",
            [replicator([])],
            [(BAD, "copies", "replicationInfoList.consumerGroupReplications[]")],
        ),
        (
            "no position",
            [replicator([{}], None)],
            [(BAD, "copies", "replicationInfoList.topicReplications[0].startingPosition")],
        ),
    ],
    "bluegreen-wiring-complete": [
        (
            "alike",
            [
                group,
                {**group, "urn": group["urn"] + "2"},
                weighted({**group, "urn": group["urn"] + "2"}, ignoreChanges=["actions"]),
            ],
            [],
        ),
        (
            "another port",
            [group, other_group, weighted(other_group, ignoreChanges=["actions"])],
            [(BAD, "other", "port")],
        ),
        (
            "fought",
            [
                group,
                {**group, "urn": group["urn"] + "2"},
                weighted({**group, "urn": group["urn"] + "2"}),
            ],
            [(BAD, "weights", "actions")],
        ),
    ],
    "no-orphan-routing": [
        ("routed", [listener, group, listener_rule, service], []),
        ("not asked", [group, service], [(BAD, "group", "")]),
        ("nobody in it", [listener, group, listener_rule], [(BAD, "group", "")]),
        (
            "filled by Kubernetes",
            [
                listener,
                group,
                listener_rule,
                R(
                    "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
                    "pods",
                    sources={"spec": [group]},
                ),
            ],
            [],
        ),
    ],
    "sg-rules-one-shape": [
        ("separate", [app, front, rule("r", app, front)], []),
        (
            "both",
            [{**app, "inputs": {"ingress": [{"protocol": "tcp"}]}}, front, rule("r", app, front)],
            [(BAD, "app", "ingress")],
        ),
    ],
    "role-policies-one-shape": [
        ("separate", [role, grant("*")], []),
        (
            "both",
            [{**role, "inputs": {"inlinePolicies": [{"name": "p"}]}}, grant("*")],
            [(BAD, "role", "inlinePolicies")],
        ),
    ],
    "one-task-role-per-service": [
        ("own", [role, definition("a")], []),
        ("shared", [role, definition("a"), definition("b")], [(BAD, "role", "")]),
    ],
    "secrets-match-grants": [
        ("match", [role, reading, grant(TOKEN)], []),
        ("too little", [role, reading], [(BAD, "role", "")]),
        ("too much", [role, reading, grant([TOKEN, TOKEN + "2"])], [(BAD, "role", "")]),
        (
            "not told",
            [role, definition("x", "executionRoleArn", containerDefinitions=UNKNOWN)],
            [(UNCLEAR, "x", "containerDefinitions")],
        ),
    ],
    "bucket-companions": [
        ("alone", [bucket], [(BAD, "files", "")]),
        ("accompanied", [bucket, *COMPANIONS], []),
        ("but one", [bucket, *COMPANIONS[1:]], [(BAD, "files", "")]),
        (
            "confidential",
            [{**bucket, "inputs": {"tags": {"DataClass": "confidential"}}}, *COMPANIONS],
            [(BAD, "files", "")],
        ),
    ],
    "log-bucket-sane": [
        (
            "another",
            [
                bucket,
                west_bucket,
                R(
                    "aws:s3/bucketLogging:BucketLogging",
                    "l",
                    sources={"bucket": [bucket], "targetBucket": [west_bucket]},
                    inputs={"bucket": UNKNOWN, "targetBucket": UNKNOWN},
                ),
            ],
            [],
        ),
        (
            "itself",
            [
                bucket,
                R(
                    "aws:s3/bucketLogging:BucketLogging",
                    "l",
                    sources={"bucket": [bucket], "targetBucket": [bucket]},
                    inputs={"bucket": UNKNOWN, "targetBucket": UNKNOWN},
                ),
            ],
            [(BAD, "l", "targetBucket")],
        ),
    ],
    "queue-dlq-chain": [
        ("well", [dead, queue(dead), depth], []),
        ("unnoticed", [dead, queue(dead)], [(BAD, "dead", "")]),
        ("short", [short, queue(short), depth], [(BAD, "dead", "messageRetentionSeconds")]),
        (
            "visible too soon",
            [queue(None, visibilityTimeoutSeconds=60), function, mapping],
            [(BAD, "orders", "visibilityTimeoutSeconds")],
        ),
        ("visible in time", [queue(None, visibilityTimeoutSeconds=360), function, mapping], []),
    ],
    "autoscaling-present-and-not-fought": [
        ("without", [service], [(BAD, "web", "")]),
        ("with", [adaptive, scalable], []),
        ("fought", [service, scalable], [(BAD, "web", "desiredCount")]),
        (
            "table",
            [R("aws:dynamodb/table:Table", "t", inputs={"billingMode": "PROVISIONED"})],
            [(BAD, "t", "billingMode")],
        ),
        (
            "on demand",
            [R("aws:dynamodb/table:Table", "t", inputs={"billingMode": "PAY_PER_REQUEST"})],
            [],
        ),
    ],
    "kms-key-used-and-kept": [
        ("unused", [east_key], [(BAD, "east", "")]),
        ("used", [east_key, used], []),
        (
            "nobody's",
            [
                {
                    **east_key,
                    "inputs": {
                        "policy": json.dumps(
                            {
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Principal": {"AWS": "x"},
                                        "Action": "kms:Decrypt",
                                        "Resource": "*",
                                    }
                                ]
                            }
                        )
                    },
                },
                used,
            ],
            [(BAD, "east", "policy")],
        ),
        (
            "not told",
            [{**east_key, "inputs": {"policy": UNKNOWN}}, used],
            [(UNCLEAR, "east", "policy")],
        ),
    ],
    "zones-spread": [
        ("three", [*zones, spread(*zones)], []),
        ("two", [*zones[:2], spread(*zones[:2])], [(BAD, "spread", "subnetIds[]")]),
        (
            "not told",
            [R("aws:rds/subnetGroup:SubnetGroup", "s", inputs={"subnetIds": UNKNOWN})],
            [(UNCLEAR, "s", "subnetIds[]")],
        ),
    ],
    "no-cross-environment-references": [
        ("own", [writer("arn:aws:sqs:us-east-1:000000000000:production-orders")], []),
        (
            "staging",
            [writer("arn:aws:sqs:us-east-1:000000000000:staging-orders")],
            [(BAD, "writer", "environment.variables.QUEUE")],
        ),
        (
            "another account",
            [writer("arn:aws:sqs:us-east-1:999999999999:orders")],
            [(BAD, "writer", "environment.variables.QUEUE")],
        ),
    ],
    "cdn-logging-any-version": [
        ("without", [balancer, distribution], [(BAD, "cdn", "loggingConfig")]),
        (
            "version 1",
            [
                R(
                    "aws:cloudfront/distribution:Distribution",
                    "c",
                    inputs={"loggingConfig": {"bucket": "b"}},
                )
            ],
            [],
        ),
        ("version 2", [balancer, distribution, delivery_source, delivery], []),
    ],
    "public-zone-query-logging": [
        ("without", [zone], [(BAD, "zone", "")]),
        ("with", [zone, R("aws:route53/queryLog:QueryLog", "q", sources={"zoneId": [zone]})], []),
        ("private", [R("aws:route53/zone:Zone", "z", inputs={"vpcs": [{"vpcId": "v"}]})], []),
    ],
    "secret-is-read": [
        ("unread", [stored()], [(BAD, "password", "")]),
        (
            "read",
            [
                stored(),
                R(
                    "aws:ecs/taskDefinition:TaskDefinition",
                    "t",
                    sources={"containerDefinitions": [stored()]},
                ),
            ],
            [],
        ),
    ],
    "kms-key-matches-data-class": [
        ("without", [stored(tags={"DataClass": "confidential"})], [(BAD, "password", "kmsKeyId")]),
        ("with", [stored(tags={"DataClass": "confidential"}, kmsKeyId="k")], []),
        ("internal", [stored(tags={"DataClass": "internal"})], []),
    ],
    "cost-within-budget": [
        ("all of it", [budget("1400.00")], []),
        ("too much in all", [budget("1399.00")], [(BAD, "budget", "limitAmount")]),
        ("one product", [budget("900.00", "user:Product$shop")], []),
        (
            "one product too much",
            [budget("899.00", "user:Environment$production", "user:Product$shop")],
            [(BAD, "budget", "limitAmount")],
        ),
        ("by day", [R("aws:budgets/budget:Budget", "b", inputs={"timeUnit": "DAILY"})], []),
        ("not known", [budget(UNKNOWN)], [("unknown", "budget", "limitAmount")]),
    ],
    "role-statements-used": [
        ("taken on by nothing", [task_role, right()], [(BAD, "task", "")]),
        ("taken on from outside", [R(ROLE, "ci", inputs={"assumeRolePolicy": FEDERATED})], []),
        ("told of the table", [ledger, task_role, right(ledger), program(ledger)], []),
        ("told its name", [ledger, task_role, right(ledger), program(name="ledger")], []),
        (
            "not told of the table",
            [ledger, task_role, right(ledger), program()],
            [(BAD, "grant", "policy")],
        ),
        (
            "used by AWS itself",
            [
                ledger,
                task_role,
                right(ledger),
                R("aws:backup/selection:Selection", "s", sources={"iamRoleArn": [task_role]}),
            ],
            [],
        ),
        (
            "handed to a function",
            [
                ledger,
                task_role,
                right(ledger),
                R("aws:lambda/function:Function", "f", sources={"role": [task_role]}),
                R(
                    "aws:lambda/eventSourceMapping:EventSourceMapping",
                    "m",
                    sources={
                        "functionName": [R("aws:lambda/function:Function", "f")],
                        "eventSourceArn": [ledger],
                    },
                ),
            ],
            [],
        ),
    ],
    "s3-kms-default": [
        (
            "access logs",
            [
                bucket,
                about_bucket(
                    "aws:s3/bucketServerSideEncryptionConfiguration:"
                    "BucketServerSideEncryptionConfiguration",
                    "e",
                    rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
                ),
                R("aws:s3/bucketLogging:BucketLogging", "l", sources={"targetBucket": [bucket]}),
            ],
            [],
        ),
        (
            "own key",
            [
                bucket,
                about_bucket(
                    "aws:s3/bucketServerSideEncryptionConfiguration:"
                    "BucketServerSideEncryptionConfiguration",
                    "e",
                    rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
                ),
            ],
            [],
        ),
        (
            "AWS's key",
            [
                bucket,
                about_bucket(
                    "aws:s3/bucketServerSideEncryptionConfiguration:"
                    "BucketServerSideEncryptionConfiguration",
                    "e",
                    rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
                ),
            ],
            [(BAD, "e", "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm")],
        ),
    ],
    "sqs-has-dlq": [
        ("without", [queue(None)], [(BAD, "orders", "redrivePolicy")]),
        ("with", [dead, queue(dead)], []),
    ],
}
"""What is not a resource of interest to a rule is in no case: `test_an_empty_stack…` has that."""
