"""Service by service: what the official provider refuses is refused, what it takes is taken."""

import json

import pytest
from support.checks import refused

ACCOUNT = "000000000000"
GROUPS = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:targetgroup"
ONE, OTHER = f"{GROUPS}/one/1", f"{GROUPS}/other/2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/a"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
DATABASES = f"arn:aws:rds:us-east-1:{ACCOUNT}:db"
MACHINES = {"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": ROLE}}
LISTENER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:listener/app/a/1/2"


def group(**inputs):
    return "aws:lb/targetGroup:TargetGroup", {
        "port": 80,
        "protocol": "HTTP",
        "vpcId": "vpc-1",
        "targetType": "ip",
        **inputs,
    }


def rule(*actions, **condition):
    return "aws:lb/listenerRule:ListenerRule", {
        "listenerArn": LISTENER,
        "actions": list(actions),
        "conditions": [condition or {"pathPattern": {"values": ["/*"]}}],
    }


def forward(*groups, **action):
    return {
        "type": "forward",
        "forward": {"targetGroups": [{"arn": it} for it in groups]},
        **action,
    }


def balancer(**inputs):
    return "aws:lb/loadBalancer:LoadBalancer", {"subnets": ["subnet-1", "subnet-2"], **inputs}


def cache(**inputs):
    return "aws:elasticache/replicationGroup:ReplicationGroup", {"description": "a", **inputs}


def cluster(**inputs):
    return "aws:eks/cluster:Cluster", {
        "roleArn": ROLE,
        "vpcConfig": {"subnetIds": ["subnet-1", "subnet-2"]},
        **inputs,
    }


def nodes(**inputs):
    return "aws:eks/nodeGroup:NodeGroup", {
        "clusterName": "a",
        "nodeRoleArn": ROLE,
        "subnetIds": ["subnet-1"],
        "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 1},
        **inputs,
    }


def task(container, **inputs):
    containers = json.dumps([{"name": "app", "image": "app:1", **container}])
    return "aws:ecs/taskDefinition:TaskDefinition", {
        "family": "app",
        "containerDefinitions": containers,
        **inputs,
    }


def database(**inputs):
    return "aws:rds/instance:Instance", {
        "instanceClass": "db.t3.micro",
        "engine": "postgres",
        "username": "app",
        "password": "long-enough",
        "allocatedStorage": 20,
        "skipFinalSnapshot": True,
        **inputs,
    }


def replica(**inputs):
    return "aws:rds/instance:Instance", {
        "instanceClass": "db.t3.micro",
        "replicateSourceDb": "app-primary",
        "skipFinalSnapshot": True,
        **inputs,
    }


def record(**inputs):
    return "aws:route53/record:Record", {
        "name": "a.example.com",
        "type": "A",
        "zoneId": "Z1",
        "records": ["192.0.2.1"],
        "ttl": 60,
        **inputs,
    }


def health(type_, **inputs):
    return "aws:route53/healthCheck:HealthCheck", {"type": type_, **inputs}


def function(**inputs):
    return "aws:lambda/function:Function", {
        "role": ROLE,
        "imageUri": "app:1",
        "packageType": "Image",
        **inputs,
    }


def mapping(**inputs):
    return "aws:lambda/eventSourceMapping:EventSourceMapping", {
        "functionName": "app",
        "eventSourceArn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/a",
        "startingPosition": "LATEST",
        **inputs,
    }


def replication(**rule):
    destination = {"bucket": "arn:aws:s3:::copy", **rule.pop("destination", {})}
    return "aws:s3/bucketReplicationConfig:BucketReplicationConfig", {
        "bucket": "app-files",
        "role": ROLE,
        "rules": [{"status": "Enabled", "destination": destination, **rule}],
    }


def rotation(**inputs):
    return "aws:secretsmanager/secretRotation:SecretRotation", {
        "secretId": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:a",
        **inputs,
    }


def parameter(**inputs):
    return "aws:ssm/parameter:Parameter", {"name": "/a", "type": "String", **inputs}


def subscription(**inputs):
    return "aws:sns/topicSubscription:TopicSubscription", {
        "topic": f"arn:aws:sns:us-east-1:{ACCOUNT}:a",
        "protocol": "sqs",
        "endpoint": f"arn:aws:sqs:us-east-1:{ACCOUNT}:a",
        **inputs,
    }


def encrypted(status):
    return {"sseKmsEncryptedObjects": {"status": status}}


REFUSED = [
    (rule({"type": "forward"}), "actions[0].targetGroupArn", "or actions[0].forward"),
    (rule(forward(OTHER, targetGroupArn=ONE)), "actions[0].forward", "targetGroupArn only"),
    (rule({"type": "authenticate-oidc"}), "actions[0].authenticateOidc", "must be given"),
    (
        rule(forward(ONE), sourceIp={"values": ["10.0.0.1/8"]}),
        "conditions[0].sourceIp.values[0]",
        "host bits",
    ),
    (group(healthCheck={"protocol": "TCP"}), "healthCheck.protocol", "cannot be TCP"),
    (group(healthCheck={"port": "70000"}), "healthCheck.port", "65535"),
    (group(stickiness={"type": "app_cookie"}), "stickiness.cookieName", "app_cookie"),
    (group(loadBalancingAnomalyMitigation="yes"), "loadBalancingAnomalyMitigation", "on, off"),
    (balancer(subnets=["subnet-1"]), "subnets", "at least 2"),
    (balancer(namePrefix="internal-"), "namePrefix", "up to 6"),
    (cache(authToken="a" * 16, authTokenUpdateStrategy="DELETE"), "authToken", "cannot be given"),
    (cache(authTokenUpdateStrategy="SET"), "authToken", "authTokenWo must be given"),
    (cache(globalReplicationGroupId="a", nodeType="cache.r5.large"), "nodeType", "together"),
    (
        cluster(kubernetesNetworkConfig={"serviceIpv4Cidr": "100.64.0.0/16"}),
        "kubernetesNetworkConfig.serviceIpv4Cidr",
        "private network",
    ),
    (
        cluster(computeConfig={"enabled": True}),
        "kubernetesNetworkConfig.elasticLoadBalancing.enabled",
        "true together",
    ),
    (
        nodes(launchTemplate={"id": "lt-1", "name": "a", "version": "1"}),
        "launchTemplate.name",
        "together",
    ),
    (
        nodes(launchTemplate={"id": "lt-1", "version": "1"}, diskSize=50),
        "launchTemplate",
        "together",
    ),
    (
        task({"environment": [{"name": "PORT", "value": 80}]}),
        "containerDefinitions",
        "PORT as no text",
    ),
    (task({"cpu": 512}, cpu="256"), "containerDefinitions", "512 of the task's 256 cpu"),
    (
        task({"portMappings": [{"containerPort": 80, "hostPort": 81}]}, networkMode="awsvpc"),
        "containerDefinitions",
        "awsvpc cannot",
    ),
    (replica(dbName="app"), "dbName", "together"),
    (replica(storageEncrypted=True, kmsKeyId=KEY), "kmsKeyId", "region of its source"),
    (database(passwordWoVersion=1), "passwordWo", "needs passwordWo too"),
    (database(maxAllocatedStorage=19), "maxAllocatedStorage", "not be below 20"),
    (database(storageType="gp2", storageThroughput=125), "storageThroughput", "gp3"),
    (database(domain="d-1", domainFqdn="example.com"), "domainFqdn", "together"),
    (record(multivalueAnswerRoutingPolicy=True), "setIdentifier", "needs setIdentifier"),
    (health("HTTPS"), "fqdn", "ipAddress must be given"),
    (health("TCP", fqdn="a.example.com"), "port", "must be given"),
    (health("HTTPS", ipAddress="a.example.com"), "ipAddress", "an IP address"),
    (health("HTTPS", fqdn="a.example.com", regions=["us-east-1"]), "regions", "between 3 and 64"),
    (function(imageUri=None, s3Bucket="releases", packageType="Zip"), "s3Key", "needs s3Key"),
    (
        function(replacementSecurityGroupIds=["sg-0a1b2c3d"]),
        "replaceSecurityGroupsOnDestroy",
        "needs replaceSecurityGroupsOnDestroy",
    ),
    (function(sourceKmsKeyArn=KEY), "imageUri", "together"),
    (function(memorySize=10_241), "memorySize", "10240"),
    (function(replaceSecurityGroupsOnDestroy=True), "replacementSecurityGroupIds", "given"),
    (mapping(eventSourceArn=None), "eventSourceArn", "selfManagedEventSource must be given"),
    (mapping(maximumRecordAgeInSeconds=59), "maximumRecordAgeInSeconds", "between 60"),
    (
        mapping(startingPosition="AT_TIMESTAMP"),
        "startingPositionTimestamp",
        "must be given",
    ),
    (("aws:s3/bucket:Bucket", {"bucket": "192.0.2.1"}), "bucket", "3 to 63"),
    (("aws:s3/bucket:Bucket", {"bucket": "app..files"}), "bucket", "3 to 63"),
    (
        replication(destination={"encryptionConfiguration": {"replicaKmsKeyId": KEY}}),
        "rules[0].sourceSelectionCriteria.sseKmsEncryptedObjects",
        "missing",
    ),
    (
        replication(sourceSelectionCriteria=encrypted("Enabled")),
        "rules[0].destination.encryptionConfiguration",
        "missing",
    ),
    (
        replication(
            destination={"replicationTime": {"status": "Enabled", "time": {"minutes": 15}}}
        ),
        "rules[0].destination.metrics",
        "too",
    ),
    (rotation(), "rotationRules", "must be given"),
    (
        rotation(rotationEnabled=False, rotationRules={"automaticallyAfterDays": 30}),
        "rotationRules",
        "cannot be given",
    ),
    (parameter(type="SecureString", insecureValue="a"), "insecureValue", "cannot be given"),
    (parameter(value="a" * 4097), "value", "at most 4096 characters, not 4097"),
    (parameter(name="/aws/a", value="a"), "name", "does not start with aws"),
    (subscription(filterPolicyScope="MessageBody"), "filterPolicy", "needs filterPolicy"),
    (("aws:sns/topic:Topic", {"archivePolicy": "{}"}), "archivePolicy", "cannot be given"),
    (
        ("aws:sns/topic:Topic", {"sqsSuccessFeedbackSampleRate": 101}),
        "sqsSuccessFeedbackSampleRate",
        "100",
    ),
    (
        ("aws:kms/alias:Alias", {"targetKeyId": KEY, "namePrefix": "alias/aws/a"}),
        "namePrefix",
        "not of aws/",
    ),
    (
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            {"url": "https://example.com?a=b", "clientIdLists": ["sts.amazonaws.com"]},
        ),
        "url",
        "without a query",
    ),
    (
        (
            "aws:grafana/workspace:Workspace",
            {
                "accountAccessType": "CURRENT_ACCOUNT",
                "authenticationProviders": ["AWS_SSO"],
                "permissionType": "CUSTOMER_MANAGED",
            },
        ),
        "roleArn",
        "CUSTOMER_MANAGED",
    ),
    (("aws:kms/key:Key", {"rotationPeriodInDays": 90}), "rotationPeriodInDays", "given with"),
    (("aws:kms/key:Key", {"xksKeyId": "a"}), "customKeyStoreId", "needs"),
    (
        (
            "aws:lambda/permission:Permission",
            {"action": "lambda:InvokeFunction", "principal": "a", "function": "a function"},
        ),
        "function",
        "the name or the ARN",
    ),
    (nodes(launchTemplate={"id": "1", "version": "1"}), "launchTemplate.id", "lt-"),
    (
        ("aws:ecs/cluster:Cluster", {"serviceConnectDefaults": {"namespace": "a"}}),
        "serviceConnectDefaults.namespace",
        "an ARN",
    ),
    (
        ("aws:rds/proxyTarget:ProxyTarget", {"dbProxyName": "App", "targetGroupName": "default"}),
        "dbProxyName",
        "small letters",
    ),
]

TAKEN = [
    (rule(forward(ONE, targetGroupArn=ONE)), "a group named twice"),
    (rule(forward(ONE, OTHER)), "two groups"),
    (
        group(protocol="TCP", healthCheck={"protocol": "TCP", "interval": 10, "timeout": 10}),
        "a connection that is tried for as long as the next is away",
    ),
    (
        balancer(loadBalancerType="network", subnets=["subnet-1"], idleTimeout=60),
        "a network load balancer in one zone, with what it does not have",
    ),
    (cache(authTokenUpdateStrategy="DELETE"), "a token that goes"),
    (
        cluster(vpcConfig={"subnetIds": ["subnet-1", "subnet-2"], "publicAccessCidrs": []}),
        "nobody from outside",
    ),
    (
        nodes(launchTemplate={"id": "lt-1", "version": "1"}, amiType="AL2023_x86_64_STANDARD"),
        "a template without an image of its own",
    ),
    (
        task({"portMappings": [{"containerPort": 80, "hostPort": 81}]}, networkMode="bridge"),
        "a port mapped by a bridge",
    ),
    (database(maxAllocatedStorage=20), "storage that does not grow"),
    (
        replica(replicateSourceDb=f"{DATABASES}:app", storageEncrypted=True, kmsKeyId=KEY),
        "a replica in another region, with a key there",
    ),
    (
        (
            "aws:rds/parameterGroup:ParameterGroup",
            {"name": "app.postgres15", "family": "postgres15"},
        ),
        "a group of parameters with a dot",
    ),
    (health("CALCULATED", childHealthThreshold=1), "a check of checks"),
    (
        function(memorySize=32_768, capacityProviderConfig=MACHINES),
        "a large function on machines of one's own",
    ),
    (mapping(maximumRecordAgeInSeconds=-1), "records of any age"),
    (replication(sourceSelectionCriteria=encrypted("Disabled")), "plain objects only"),
    (rotation(rotationEnabled=False), "no rotation"),
    (parameter(value="a" * 4097, tier="Advanced"), "a long parameter"),
]


@pytest.mark.parametrize(("resource", "place", "words"), REFUSED)
def test_what_the_official_provider_refuses_is_refused(resource, place, words):
    assert words in refused(*resource)[place]


@pytest.mark.parametrize(("resource", "what"), TAKEN, ids=lambda it: it if type(it) is str else "")
def test_what_the_official_provider_takes_is_taken(resource, what):
    assert refused(*resource) == {}, what
