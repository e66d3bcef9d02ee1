"""Rule, answer, properties, and the type where it is not the rule's first."""

import json

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def containers(*said):
    """Return a task definition; AWS takes the containers as JSON text."""
    return {"containerDefinitions": json.dumps([{"name": "web", **each} for each in said])}


def variable(name, value):
    return {"environment": [{"name": name, "value": value}]}


SECRETS, PINNED = "ecs-no-plaintext-secrets", "ecs-image-pinned"
SEPARATE, ROLLBACK = "ecs-task-role-separate", "ecs-rollback-configured"
PERMISSION, PLAIN = "lambda-no-public-permission", "lambda-no-plaintext-secrets"
POISON, ENDPOINT = "lambda-stream-poison-handling", "eks-endpoint-restricted"
LATER = {"containerDefinitions": UNKNOWN}
CASES = [
    ("ecs-service-no-public-ip", "complies", {}, ""),
    ("ecs-service-no-public-ip", "unknown", {"networkConfiguration": UNKNOWN}, ""),
    ("ecs-task-no-host-namespaces", "violates", {"pidMode": "host"}, ""),
    ("ecs-task-no-host-namespaces", "violates", {"ipcMode": "host"}, ""),
    ("ecs-task-no-host-namespaces", "unknown", {"networkMode": UNKNOWN}, ""),
    ("ecs-container-not-privileged", "violates", containers({}, {"privileged": True}), ""),
    ("ecs-container-not-privileged", "unknown", LATER, ""),
    ("ecs-container-readonly-root", "violates", containers({}), ""),
    ("ecs-container-readonly-root", "unknown", LATER, ""),
    (SECRETS, "violates", containers(variable("API_TOKEN", "abc")), ""),
    (SECRETS, "violates", containers(variable("DATABASE", "postgres://shop:pw@db/shop")), ""),
    (SECRETS, "violates", containers(variable("KEY_ID", "AKIAIOSFODNN7EXAMPLE")), ""),
    (SECRETS, "complies", containers(variable("TOKEN_TTL", "900")), ""),
    (SECRETS, "complies", containers(variable("SECRET_ARN", "arn:aws:secretsmanager:x")), ""),
    (SECRETS, "complies", containers(variable("DB_PASSWORD", "")), ""),
    (SECRETS, "unknown", LATER, ""),
    (
        "ecs-container-logs",
        "violates",
        containers({"logConfiguration": {"logDriver": "awslogs"}}, {}),
        "",
    ),
    ("ecs-container-logs", "unknown", LATER, ""),
    (PINNED, "violates", containers({"image": "shop/web"}), ""),
    (PINNED, "violates", containers({"image": "localhost:5000/web"}), ""),
    (PINNED, "complies", containers({"image": "localhost:5000/web:1"}), ""),
    (PINNED, "complies", containers({"image": "web@sha256:0f"}), ""),
    (PINNED, "unknown", LATER, ""),
    (SEPARATE, "complies", {"executionRoleArn": "a"}, ""),
    (SEPARATE, "unknown", {"executionRoleArn": UNKNOWN, "taskRoleArn": "a"}, ""),
    ("ecs-efs-in-transit", "complies", {}, ""),
    ("ecs-efs-in-transit", "violates", {"volumes": [{"efsVolumeConfiguration": {}}]}, ""),
    ("ecs-efs-in-transit", "unknown", {"volumes": UNKNOWN}, ""),
    ("ecs-fargate-latest-platform", "complies", {}, ""),
    ("ecs-fargate-latest-platform", "unknown", {"platformVersion": UNKNOWN}, ""),
    (ROLLBACK, "violates", {}, ""),
    (
        ROLLBACK,
        "complies",
        {
            "deploymentConfiguration": {"strategy": "BLUE_GREEN"},
            "alarms": {"enable": True, "rollback": True},
        },
        "",
    ),
    (ROLLBACK, "not applicable", {"deploymentController": {"type": "CODE_DEPLOY"}}, ""),
    (ROLLBACK, "unknown", {"deploymentCircuitBreaker": UNKNOWN}, ""),
    ("ecs-bake-time-minimum", "not applicable", {}, ""),
    ("ecs-two-tasks", "violates", {"desiredCount": 0}, ""),
    ("ecs-two-tasks", "violates", {}, ""),
    (
        "ecs-two-tasks",
        "not applicable",
        {"desiredCount": 0, "tags": {"Release": "awaiting-first-release"}},
        "",
    ),
    ("ecs-two-tasks", "not applicable", {"schedulingStrategy": "DAEMON"}, ""),
    ("ecs-two-tasks", "unknown", {"desiredCount": UNKNOWN}, ""),
    ("ecs-exec-audited", "complies", {}, ""),
    ("ecs-exec-audited", "unknown", {"configuration": UNKNOWN}, ""),
    ("ecs-container-insights", "violates", {}, ""),
    ("ecs-container-insights", "unknown", {"settings": UNKNOWN}, ""),
    ("ecr-scan-on-push", "violates", {}, ""),
    ("ecr-scan-on-push", "unknown", {"imageScanningConfiguration": UNKNOWN}, ""),
    ("ecr-immutable-tags", "violates", {}, ""),
    ("ecr-no-public-policy", "unknown", {"policy": UNKNOWN}, ""),
    (ENDPOINT, "complies", {"vpcConfig": {"endpointPublicAccess": False}}, ""),
    (ENDPOINT, "violates", {"vpcConfig": {"publicAccessCidrs": ["0.0.0.0/0"]}}, ""),
    (ENDPOINT, "unknown", {"vpcConfig": {"publicAccessCidrs": [UNKNOWN]}}, ""),
    (
        "eks-secrets-encrypted",
        "complies",
        {"encryptionConfig": {"provider": {"keyArn": UNKNOWN}}},
        "",
    ),
    ("eks-secrets-encrypted", "unknown", {"encryptionConfig": UNKNOWN}, ""),
    ("eks-audit-logs", "violates", {}, ""),
    ("eks-audit-logs", "unknown", {"enabledClusterLogTypes": UNKNOWN}, ""),
    ("eks-supported-version", "violates", {"version": "1.9"}, ""),
    ("eks-supported-version", "complies", {}, ""),
    ("eks-supported-version", "unknown", {"version": UNKNOWN}, ""),
    (PERMISSION, "violates", {"principal": "events.amazonaws.com"}, ""),
    (PERMISSION, "complies", {"principal": "events.amazonaws.com", "sourceArn": UNKNOWN}, ""),
    (PERMISSION, "complies", {"principal": "arn:aws:iam::000000000000:role/caller"}, ""),
    (PERMISSION, "unknown", {"principal": UNKNOWN}, ""),
    ("lambda-url-authenticated", "violates", {}, ""),
    ("lambda-url-authenticated", "unknown", {"authorizationType": UNKNOWN}, ""),
    ("lambda-supported-runtime", "complies", {"packageType": "Image"}, ""),
    ("lambda-supported-runtime", "unknown", {"runtime": UNKNOWN}, ""),
    (PLAIN, "unknown", {"environment": UNKNOWN}, ""),
    (PLAIN, "unknown", {"environment": {"variables": {"PASSWORD": UNKNOWN}}}, ""),
    (PLAIN, "complies", {"environment": {"variables": {"TABLE": UNKNOWN}}}, ""),
    (PLAIN, "violates", {"environment": {"variables": {"URL": "redis://user:a@b"}}}, ""),
    (PLAIN, "complies", {}, ""),
    ("lambda-two-subnets", "not applicable", {}, ""),
    ("lambda-two-subnets", "unknown", {"vpcConfig": {"subnetIds": UNKNOWN}}, ""),
    ("lambda-tracing", "violates", {}, ""),
    ("lambda-tracing", "unknown", {"tracingConfig": UNKNOWN}, ""),
    (POISON, "not applicable", {"eventSourceArn": "arn:aws:sqs:us-east-1:0:q"}, ""),
    (POISON, "violates", {"startingPosition": "LATEST", "maximumRetryAttempts": -1}, ""),
]
