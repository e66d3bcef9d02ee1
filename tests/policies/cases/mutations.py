"""Security properties of production, each switched off: what is changed → which rules catch it.

Each case is (area, what is switched off, changes, rules). A change is (type, logical name, values):
values are property path → new value, where `None` takes the property away, `[+]` adds to a list,
and a path goes on into JSON text; `REMOVED` instead of values takes the whole resource away.
"""

REMOVED = "removed"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}

DATABASE = ("aws:rds/instance:Instance", "analytics-database-primary")
PARAMETERS = ("aws:rds/parameterGroup:ParameterGroup", "analytics-database-parameters")
PROXY = ("aws:rds/proxy:Proxy", "analytics-database-proxy")
CACHE = ("aws:elasticache/replicationGroup:ReplicationGroup", "analytics-cache")
KAFKA = ("aws:msk/cluster:Cluster", "analytics-kafka")
TABLE = ("aws:dynamodb/table:Table", "journey-events")
STREAM = ("aws:kinesis/stream:Stream", "journey-events-stream")
DOCUMENTS = ("aws:docdb/cluster:Cluster", "aura-documents")
DOCUMENT_PARAMETERS = (
    "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
    "aura-documents-parameters",
)
QUEUE = ("aws:sqs/queue:Queue", "journey-failures")
QUEUE_POLICY = ("aws:sqs/queuePolicy:QueuePolicy", "alerts-queue-policy")
TOPIC = ("aws:sns/topic:Topic", "alerts")
TOPIC_POLICY = ("aws:sns/topicPolicy:TopicPolicy", "alerts-policy")
BALANCER = ("aws:lb/loadBalancer:LoadBalancer", "analytics-balancer")
LISTENER = ("aws:lb/listener:Listener", "analytics-balancer-listener")
REDIRECT = ("aws:lb/listener:Listener", "analytics-balancer-redirect")
TARGETS = ("aws:lb/targetGroup:TargetGroup", "analytics-api-blue")
CDN = ("aws:cloudfront/distribution:Distribution", "analytics-frontend")
FIREWALL = ("aws:wafv2/webAcl:WebAcl", "analytics-regional-firewall")
SERVICE = ("aws:ecs/service:Service", "analytics-api-service-blue")
TASK = ("aws:ecs/taskDefinition:TaskDefinition", "analytics-api-task-definition")
TASK_POLICY = ("aws:iam/rolePolicy:RolePolicy", "analytics-api-task-policy")
TASK_ROLE = ("aws:iam/role:Role", "analytics-api-task")
CLUSTER = ("aws:ecs/cluster:Cluster", "analytics-cluster")
REPOSITORY = ("aws:ecr/repository:Repository", "analytics-api")
KUBERNETES = ("aws:eks/cluster:Cluster", "aura-cluster")
FUNCTION = ("aws:lambda/function:Function", "journey-event-processor")
MAPPING = (
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "journey-event-processor-from-events",
)
KEY = ("aws:kms/key:Key", "keys-data")
SECRET = ("aws:secretsmanager/secret:Secret", "analytics-database-secret")
JWT = ("aws:secretsmanager/secret:Secret", "journey-jwt-secret")
BUCKET = ("aws:s3/bucket:Bucket", "journey-lake")
DATA_GROUP = ("aws:ec2/securityGroup:SecurityGroup", "analytics-database")
INGRESS = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "analytics-api-to-endpoints-443-ingress",
)
VAULT = ("aws:backup/vault:Vault", "vault")
PLAN = ("aws:backup/plan:Plan", "backups")
HEALTH = ("aws:route53/healthCheck:HealthCheck", "analytics-recovery-primary-health")
FAILOVER = ("aws:route53/record:Record", "analytics-recovery-primary")


def s3(kind, part):
    """Return the resource of that kind that belongs to the data lake."""
    return f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", f"journey-lake-{part}"


def off(area, what, resource, values, *rules):
    """Return a case that changes one resource."""
    return area, what, [(*resource, values)], rules


def container(**values):
    """Return new values of the first container of a task definition."""
    return {f"containerDefinitions[0].{key}": value for key, value in values.items()}


def world(port):
    """Return values that open a rule to the internet."""
    return {
        "referencedSecurityGroupId": None,
        "cidrIpv4": "0.0.0.0/0",
        "fromPort": port,
        "toPort": port,
    }


MUTATIONS = [
    off(
        "encryption",
        "a database in plain text",
        DATABASE,
        {"storageEncrypted": False},
        "rds-storage-encrypted",
    ),
    off(
        "encryption",
        "a cache in plain text",
        CACHE,
        {"atRestEncryptionEnabled": False},
        "elasticache-encrypted-at-rest",
    ),
    off(
        "encryption",
        "documents in plain text",
        DOCUMENTS,
        {"storageEncrypted": False},
        "docdb-encrypted",
    ),
    off(
        "encryption",
        "a stream in plain text",
        STREAM,
        {"encryptionType": "NONE", "kmsKeyId": None},
        "kinesis-encrypted",
    ),
    off(
        "encryption",
        "a queue in plain text",
        QUEUE,
        {"kmsMasterKeyId": None, "sqsManagedSseEnabled": False},
        "sqs-encrypted",
    ),
    off("encryption", "a topic in plain text", TOPIC, {"kmsMasterKeyId": None}, "sns-encrypted"),
    off(
        "encryption",
        "a bucket without our key",
        s3("BucketServerSideEncryptionConfiguration", "encryption"),
        {"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "AES256"},
        "s3-kms-default",
    ),
    off(
        "encryption",
        "Kubernetes' secrets in plain text",
        KUBERNETES,
        {"encryptionConfig": None},
        "eks-secrets-encrypted",
    ),
    off("encryption", "backups without our key", VAULT, {"kmsKeyArn": None}, "backup-vault-cmk"),
    off(
        "encryption",
        "a confidential table under AWS's key",
        TABLE,
        {"serverSideEncryption": None},
        "kms-key-matches-data-class",
    ),
    off(
        "encryption", "a key that never changes", KEY, {"enableKeyRotation": False}, "kms-rotation"
    ),
    off(
        "encryption",
        "a key that is gone in a week",
        KEY,
        {"deletionWindowInDays": 7},
        "kms-deletion-window",
    ),
    off(
        "TLS",
        "a database that takes plain connections",
        PARAMETERS,
        {"parameters": [{"name": "rds.force_ssl", "value": "0"}]},
        "rds-tls-forced",
    ),
    off(
        "TLS",
        "a proxy that takes plain connections",
        PROXY,
        {"requireTls": False},
        "rds-proxy-requires-tls",
    ),
    off(
        "TLS",
        "a cache that takes plain connections",
        CACHE,
        {"transitEncryptionEnabled": False},
        "elasticache-encrypted-in-transit",
    ),
    off(
        "TLS",
        "brokers that take plain connections",
        KAFKA,
        {"encryptionInfo.encryptionInTransit.clientBroker": "TLS_PLAINTEXT"},
        "msk-encrypted-in-transit",
    ),
    off(
        "TLS",
        "brokers that talk in plain text",
        KAFKA,
        {"encryptionInfo.encryptionInTransit.inCluster": False},
        "msk-encrypted-in-transit",
    ),
    off(
        "TLS",
        "documents that take plain connections",
        DOCUMENT_PARAMETERS,
        {"parameters": [{"name": "tls", "value": "disabled"}]},
        "docdb-tls",
    ),
    off(
        "TLS",
        "a listener without TLS",
        LISTENER,
        {"protocol": "HTTP", "certificateArn": None, "sslPolicy": None},
        "alb-listener-https-or-redirect",
    ),
    off(
        "TLS",
        "a listener that forwards plain HTTP",
        REDIRECT,
        {"defaultActions": [{"type": "forward", "targetGroupArn": "arn:t"}]},
        "alb-listener-https-or-redirect",
    ),
    off(
        "TLS",
        "a listener with TLS of 2008",
        LISTENER,
        {"sslPolicy": "ELBSecurityPolicy-2016-08"},
        "alb-listener-modern-tls",
    ),
    off(
        "TLS",
        "CloudFront over plain HTTP",
        CDN,
        {"defaultCacheBehavior.viewerProtocolPolicy": "allow-all"},
        "cloudfront-viewer-https",
    ),
    off(
        "TLS",
        "CloudFront with TLS 1.0",
        CDN,
        {"viewerCertificate.minimumProtocolVersion": "TLSv1"},
        "cloudfront-tls12-minimum",
    ),
    off(
        "TLS",
        "CloudFront with its own certificate",
        CDN,
        {"viewerCertificate": {"cloudfrontDefaultCertificate": True}},
        "cloudfront-custom-certificate",
    ),
    off(
        "TLS",
        "a bucket over plain HTTP",
        s3("BucketPolicy", "policy"),
        {"policy.Statement": []},
        "s3-tls-only",
    ),
    off(
        "public access",
        "a database on the internet",
        DATABASE,
        {"publiclyAccessible": True},
        "rds-not-public",
    ),
    off(
        "public access",
        "brokers on the internet",
        KAFKA,
        {"brokerNodeGroupInfo.connectivityInfo.publicAccess.type": "SERVICE_PROVIDED_EIPS"},
        "msk-not-public",
    ),
    off(
        "public access",
        "tasks on the internet",
        SERVICE,
        {"networkConfiguration.assignPublicIp": True},
        "ecs-service-no-public-ip",
    ),
    off(
        "public access",
        "a bucket without its block",
        s3("BucketPublicAccessBlock", "access"),
        {"blockPublicPolicy": False},
        "s3-public-access-blocked",
    ),
    off(
        "public access",
        "a bucket whose block is gone",
        s3("BucketPublicAccessBlock", "access"),
        REMOVED,
        "bucket-companions",
    ),
    off(
        "public access",
        "a bucket that everybody reads",
        s3("BucketPolicy", "policy"),
        {"policy.Statement[+]": EVERYBODY},
        "s3-policy-not-public",
    ),
    off(
        "public access",
        "a bucket with lists of who may",
        s3("BucketOwnershipControls", "ownership"),
        {"rule.objectOwnership": "ObjectWriter"},
        "s3-acls-disabled",
    ),
    off(
        "public access",
        "a queue for everybody",
        QUEUE_POLICY,
        {"policy.Statement[+]": EVERYBODY},
        "sqs-policy-not-public",
    ),
    off(
        "public access",
        "a topic for everybody",
        TOPIC_POLICY,
        {"policy.Statement[+]": EVERYBODY},
        "sns-policy-not-public",
    ),
    off(
        "public access",
        "a key for everybody",
        KEY,
        {"policy.Statement[+]": EVERYBODY},
        "kms-policy-not-public",
    ),
    off(
        "public access",
        "the API server of Kubernetes for everybody",
        KUBERNETES,
        {"vpcConfig.publicAccessCidrs": ["0.0.0.0/0"]},
        "eks-endpoint-restricted",
    ),
    off(
        "public access",
        "SSH from everywhere",
        INGRESS,
        world(22),
        "security-group-no-open-admin-ports",
    ),
    off(
        "public access",
        "PostgreSQL from everywhere",
        INGRESS,
        world(5432),
        "security-group-no-open-data-ports",
    ),
    off(
        "public access",
        "any port from everywhere",
        INGRESS,
        world(9000),
        "security-group-open-ingress-http-only",
    ),
    off(
        "public access",
        "a subnet that gives out addresses",
        ("aws:ec2/subnet:Subnet", "network-app-a"),
        {"mapPublicIpOnLaunch": True},
        "subnet-no-auto-public-ip",
    ),
    off(
        "public access",
        "SSH through the network's list",
        ("aws:ec2/networkAclRule:NetworkAclRule", "network-public-acl-in-120"),
        {"fromPort": 22, "toPort": 22},
        "network-acl-no-open-admin-ports",
    ),
    off(
        "public access",
        "a default group that lets in",
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "network-default"),
        {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]},
        "vpc-default-security-group-closed",
    ),
    off(
        "public access",
        "a default group that is left alone",
        ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "network-default"),
        REMOVED,
        "vpc-default-sg-adopted",
    ),
    off(
        "public access",
        "a way from the internet to the database",
        (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            "analytics-api-to-database-5432-ingress",
        ),
        world(443),
        "data-store-not-internet-reachable",
    ),
    off(
        "public access",
        "a balancer without a firewall",
        ("aws:wafv2/webAclAssociation:WebAclAssociation", "analytics-balancer-firewall"),
        REMOVED,
        "public-lb-has-waf",
    ),
    off(
        "public access",
        "CloudFront without a firewall",
        CDN,
        {"webAclId": None},
        "cloudfront-waf-attached",
    ),
    off("public access", "a firewall without rules", FIREWALL, {"rules": []}, "waf-acl-has-rules"),
    off(
        "identity",
        "a service that may do everything",
        TASK_POLICY,
        {"policy.Statement[+]": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
        "iam-no-admin-policy",
    ),
    off(
        "identity",
        "a service that may do everything with S3",
        TASK_POLICY,
        {"policy.Statement[+]": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
        "iam-no-service-wildcards",
    ),
    off(
        "identity",
        "a service that can make itself administrator",
        TASK_POLICY,
        {
            "policy.Statement[+]": {
                "Effect": "Allow",
                "Action": [
                    "iam:PassRole",
                    "lambda:CreateFunction",
                    "lambda:InvokeFunction",
                    "iam:AttachRolePolicy",
                ],
                "Resource": "*",
            }
        },
        "iam-no-privilege-escalation",
    ),
    off(
        "identity",
        "a service that opens all keys",
        TASK_POLICY,
        {"policy.Statement[+]": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}},
        "iam-no-decrypt-all-keys",
    ),
    off(
        "identity",
        "a role for everybody",
        TASK_ROLE,
        {"assumeRolePolicy.Statement[0]": {**EVERYBODY, "Action": "sts:AssumeRole"}},
        "iam-trust-scoped",
    ),
    off(
        "identity",
        "a role that nothing takes on",
        TASK,
        {"taskRoleArn": None},
        "role-statements-used",
    ),
    off("identity", "a cache without a password", CACHE, {"authToken": None}, "elasticache-auth"),
    off(
        "identity",
        "brokers without authentication",
        KAFKA,
        {"clientAuthentication": {"unauthenticated": True}},
        "msk-authenticated",
    ),
    off(
        "secrets",
        "a password in the environment",
        TASK,
        container(environment=[{"name": "DB_PASSWORD", "value": "swordfish"}]),
        "ecs-no-plaintext-secrets",
    ),
    off(
        "secrets",
        "a password in a function's environment",
        FUNCTION,
        {"environment.variables.DB_PASSWORD": "swordfish"},
        "lambda-no-plaintext-secrets",
    ),
    off(
        "secrets",
        "a password in the program",
        DATABASE,
        {"password": "swordfish"},
        "rds-managed-password",
    ),
    off(
        "secrets",
        "a secret that is gone at once",
        SECRET,
        {"recoveryWindowInDays": 0},
        "secret-recovery-window",
    ),
    off(
        "deletion",
        "a database that can be deleted",
        DATABASE,
        {"deletionProtection": False},
        "rds-deletion-protection",
    ),
    off(
        "deletion",
        "a database without a last snapshot",
        DATABASE,
        {"skipFinalSnapshot": True},
        "rds-final-snapshot",
    ),
    off(
        "deletion",
        "a table that can be deleted",
        TABLE,
        {"deletionProtectionEnabled": False},
        "dynamodb-deletion-protection",
    ),
    off(
        "deletion",
        "documents that can be deleted",
        DOCUMENTS,
        {"deletionProtection": False},
        "docdb-deletion-protection",
    ),
    off(
        "deletion",
        "a balancer that can be deleted",
        BALANCER,
        {"enableDeletionProtection": False},
        "alb-deletion-protection",
    ),
    off(
        "deletion",
        "a bucket deleted with what is in it",
        BUCKET,
        {"forceDestroy": True},
        "s3-no-force-destroy",
    ),
    off(
        "deletion",
        "backups deleted with their vault",
        VAULT,
        {"forceDestroy": True},
        "backup-vault-no-force-destroy",
    ),
    off(
        "deletion",
        "a store that Pulumi may delete",
        DATABASE,
        {"!protect": False, "deletionProtection": False},
        "stateful-protected",
    ),
    off(
        "deletion",
        "a bucket without versions",
        s3("BucketVersioning", "versioning"),
        {"versioningConfiguration.status": "Suspended"},
        "s3-versioned",
    ),
    off(
        "backup",
        "a database without backups",
        DATABASE,
        {"backupRetentionPeriod": 0},
        "rds-backup-retention",
    ),
    off(
        "backup",
        "documents with a day of backups",
        DOCUMENTS,
        {"backupRetentionPeriod": 1},
        "docdb-backup-retention",
    ),
    off(
        "backup",
        "a cache without snapshots",
        CACHE,
        {"snapshotRetentionLimit": 0},
        "elasticache-snapshots",
    ),
    off(
        "backup",
        "a table that cannot go back in time",
        TABLE,
        {"pointInTimeRecovery.enabled": False},
        "dynamodb-pitr",
    ),
    off(
        "backup",
        "backups for a week",
        PLAN,
        {"rules[0].lifecycle.deleteAfter": 7},
        "backup-plan-retention",
    ),
    off(
        "backup",
        "backups in one region",
        PLAN,
        {"rules[0].copyActions": None},
        "backup-plan-copies-to-dr",
        "backup-copied-and-locked",
    ),
    off(
        "backup",
        "a vault that is not locked",
        ("aws:backup/vaultLockConfiguration:VaultLockConfiguration", "recovery-vault-lock"),
        REMOVED,
        "backup-copied-and-locked",
    ),
    off(
        "backup",
        "a store that no plan selects",
        DATABASE,
        {"tags.DataClass": "internal"},
        "every-data-store-in-a-backup-plan",
    ),
    off(
        "backup",
        "no backups at all",
        ("aws:backup/selection:Selection", "backups-selection"),
        REMOVED,
        "every-data-store-in-a-backup-plan",
    ),
    off(
        "recovery",
        "a database without its replica",
        ("aws:rds/instance:Instance", "analytics-recovery-database"),
        REMOVED,
        "dr-replica-exists",
    ),
    off(
        "recovery",
        "brokers without a replicator",
        ("aws:msk/replicator:Replicator", "analytics-recovery-replicator"),
        REMOVED,
        "dr-replica-exists",
    ),
    off(
        "recovery",
        "a replica under a key of the lost region",
        ("aws:rds/instance:Instance", "analytics-recovery-database"),
        {"kmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/keys-data"},
        "dr-replica-key-local",
    ),
    off(
        "recovery",
        "a secret in one region",
        JWT,
        {"replicas": []},
        "dr-secrets-images-certs-present",
    ),
    off(
        "recovery",
        "images in one region",
        ("aws:ecr/replicationConfiguration:ReplicationConfiguration", "images"),
        REMOVED,
        "dr-secrets-images-certs-present",
    ),
    off(
        "recovery",
        "a slow health check",
        HEALTH,
        {"requestInterval": 30, "failureThreshold": 10},
        "route53-health-check-fast",
    ),
    off("availability", "a database in one zone", DATABASE, {"multiAz": False}, "rds-multi-az"),
    off(
        "availability",
        "a cache without failover",
        CACHE,
        {"automaticFailoverEnabled": False},
        "elasticache-failover",
    ),
    off(
        "availability",
        "a balancer in one zone",
        BALANCER,
        {"subnets": ["subnet-network-public-a"]},
        "alb-two-zones",
    ),
    off(
        "availability",
        "a function in one zone",
        FUNCTION,
        {"vpcConfig": {"subnetIds": ["subnet-network-app-a"], "securityGroupIds": ["sg-1"]}},
        "lambda-two-subnets",
    ),
    off(
        "availability",
        "a service that never scales",
        ("aws:appautoscaling/target:Target", "analytics-api-scaling-blue"),
        REMOVED,
        "autoscaling-present-and-not-fought",
    ),
    off(
        "deployment",
        "a deployment that is not taken back",
        SERVICE,
        {"deploymentCircuitBreaker.rollback": False},
        "ecs-rollback-configured",
    ),
    off(
        "deployment",
        "an image that may change",
        REPOSITORY,
        {"imageTagMutability": "MUTABLE"},
        "ecr-immutable-tags",
    ),
    off(
        "deployment",
        "images that are not scanned",
        REPOSITORY,
        {"imageScanningConfiguration.scanOnPush": False},
        "ecr-scan-on-push",
    ),
    off(
        "deployment",
        "whatever image is the latest",
        TASK,
        container(image="shop:latest"),
        "ecs-image-pinned",
    ),
    off(
        "deployment",
        "a health check that answers to anything",
        TARGETS,
        {"healthCheck.matcher": "200-499"},
        "target-group-health-check-real",
    ),
    off(
        "containers",
        "a container that rules its host",
        TASK,
        container(privileged=True),
        "ecs-container-not-privileged",
    ),
    off(
        "containers",
        "a container that can change its programs",
        TASK,
        container(readonlyRootFilesystem=False),
        "ecs-container-readonly-root",
    ),
    off(
        "containers",
        "tasks that share a role with the agent",
        TASK,
        {
            "taskRoleArn": "arn:aws:iam::000000000000:role/one",
            "executionRoleArn": "arn:aws:iam::000000000000:role/one",
        },
        "ecs-task-role-separate",
    ),
    off(
        "containers",
        "tasks in the network of the host",
        TASK,
        {"networkMode": "host"},
        "ecs-task-no-host-namespaces",
    ),
    off(
        "logging",
        "a container without logs",
        TASK,
        container(logConfiguration=None),
        "ecs-container-logs",
    ),
    off(
        "logging",
        "a balancer without access logs",
        BALANCER,
        {"accessLogs.enabled": False},
        "alb-access-logs",
    ),
    off(
        "logging",
        "confidential files without access logs",
        s3("BucketLogging", "logging"),
        REMOVED,
        "bucket-companions",
    ),
    off(
        "logging",
        "CloudFront without logs",
        ("aws:cloudwatch/logDelivery:LogDelivery", "analytics-frontend-log-delivery"),
        REMOVED,
        "cdn-logging-any-version",
    ),
    off(
        "logging",
        "a database without logs",
        DATABASE,
        {"enabledCloudwatchLogsExports": None},
        "rds-logs-exported",
    ),
    off(
        "logging",
        "documents without an audit",
        DOCUMENTS,
        {"enabledCloudwatchLogsExports": ["profiler"]},
        "docdb-audit-logs",
    ),
    off("logging", "brokers without logs", KAFKA, {"loggingInfo": None}, "msk-broker-logs"),
    off(
        "logging",
        "Kubernetes without an audit",
        KUBERNETES,
        {"enabledClusterLogTypes": ["api"]},
        "eks-audit-logs",
    ),
    off(
        "logging",
        "a network without flow logs",
        ("aws:ec2/flowLog:FlowLog", "network-flow-log"),
        REMOVED,
        "vpc-flow-logs-present",
    ),
    off(
        "logging",
        "flow logs that hide refusals",
        ("aws:ec2/flowLog:FlowLog", "network-flow-log"),
        {"trafficType": "ACCEPT"},
        "flow-log-captures-rejects",
    ),
    off(
        "logging",
        "logs for a month",
        ("aws:cloudwatch/logGroup:LogGroup", "network-flow-logs"),
        {"retentionInDays": 30},
        "log-group-retention",
    ),
    off(
        "logging",
        "a firewall without figures",
        FIREWALL,
        {"visibilityConfig.cloudwatchMetricsEnabled": False},
        "waf-acl-metrics",
    ),
    off(
        "logging", "a cluster without figures", CLUSTER, {"settings": []}, "ecs-container-insights"
    ),
    off(
        "alarms",
        "an alarm that tells nobody",
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "analytics-alarms-database-high-cpu"),
        {"alarmActions": []},
        "alarm-has-actions",
    ),
    off(
        "alarms",
        "a topic that nobody reads",
        ("aws:sns/topicSubscription:TopicSubscription", "alerts-to-queue"),
        REMOVED,
        "alarm-reaches-someone",
    ),
    off(
        "alarms",
        "a service that nobody watches",
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "analytics-alarms-api-blue-high-cpu"),
        REMOVED,
        "service-has-alarms",
    ),
    off(
        "alarms",
        "a database that nobody watches",
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "analytics-alarms-database-low-storage"),
        REMOVED,
        "data-store-has-alarms",
    ),
    off(
        "streaming",
        "a queue without a second chance",
        QUEUE,
        {"redrivePolicy": None},
        "sqs-has-dlq",
    ),
    off(
        "streaming",
        "a stream that forgets in an hour",
        STREAM,
        {"retentionPeriod": 12},
        "kinesis-retention",
    ),
    off(
        "streaming",
        "a bad record that stops everything",
        MAPPING,
        {
            "destinationConfig": None,
            "bisectBatchOnFunctionError": False,
            "maximumRetryAttempts": -1,
        },
        "lambda-stream-poison-handling",
    ),
    off(
        "requests",
        "headers that smuggle requests",
        BALANCER,
        {"desyncMitigationMode": "monitor"},
        "alb-desync-defensive",
    ),
    off(
        "requests",
        "headers that are not valid",
        BALANCER,
        {"dropInvalidHeaderFields": False},
        "alb-drops-invalid-headers",
    ),
    off("order", "a resource without an owner", DATABASE, {"tags.Owner": None}, "required-tags"),
    off("order", "a resource in another region", TOPIC, {"region": "eu-west-1"}, "region-allowed"),
    off(
        "order",
        "a role of another environment",
        TASK,
        {"executionRoleArn": "arn:aws:iam::000000000000:role/staging-api"},
        "no-cross-environment-references",
    ),
    off(
        "order",
        "a product above its budget",
        ("aws:budgets/budget:Budget", "budget-analytics"),
        {"limitAmount": "100.00"},
        "cost-within-budget",
    ),
    off(
        "order",
        "a runtime that nobody mends",
        FUNCTION,
        {"runtime": "python3.8"},
        "lambda-supported-runtime",
    ),
    off(
        "order",
        "a certificate authority that expires",
        DATABASE,
        {"caCertIdentifier": "rds-ca-2019"},
        "rds-ca-current",
    ),
]
