"""Rule, answer, properties, and the type where it is not the rule's first."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
VAULT = "arn:aws:backup:us-east-1:000000000000:backup-vault:main"
COPY, TAGS = "backup-plan-copies-to-dr", "required-tags"
QUEUE = "aws:sqs/queue:Queue"


def copies(vault):
    return {"rules": [{"copyActions": [{"destinationVaultArn": vault}]}]}


CASES = [
    ("log-group-retention", "violates", {"retentionInDays": 0}, ""),
    ("log-group-retention", "violates", {"retentionInDays": 30}, ""),
    ("log-group-retention", "complies", {"retentionInDays": 3653}, ""),
    ("log-group-retention", "not applicable", {"logGroupClass": "DELIVERY"}, ""),
    ("log-group-retention", "unknown", {"retentionInDays": UNKNOWN}, ""),
    ("alarm-has-actions", "violates", {}, "aws:cloudwatch/compositeAlarm:CompositeAlarm"),
    ("alarm-has-actions", "violates", {"alarmActions": ["a"], "actionsEnabled": False}, ""),
    ("alarm-has-actions", "complies", {"alarmActions": [UNKNOWN]}, ""),
    ("backup-vault-cmk", "complies", {"kmsKeyArn": UNKNOWN}, ""),
    ("backup-vault-no-force-destroy", "complies", {}, ""),
    ("backup-vault-no-force-destroy", "unknown", {"forceDestroy": UNKNOWN}, ""),
    ("backup-plan-retention", "complies", {"rules": [{"ruleName": "for ever"}]}, ""),
    ("backup-plan-retention", "unknown", {"rules": UNKNOWN}, ""),
    (COPY, "violates", copies(VAULT), ""),
    (COPY, "unknown", copies(UNKNOWN), ""),
    (TAGS, "violates", {}, QUEUE),
    (TAGS, "not applicable", {}, "aws:iam/rolePolicy:RolePolicy"),
    (TAGS, "unknown", {"tags": UNKNOWN}, QUEUE),
    ("stateful-protected", "violates", {}, "aws:rds/instance:Instance"),
    ("stateful-protected", "not applicable", {}, "aws:s3/bucket:Bucket"),
    ("region-allowed", "complies", {}, QUEUE),
    ("region-allowed", "unknown", {"region": UNKNOWN}, QUEUE),
    ("region-allowed", "not applicable", {"region": "x"}, "aws:iam/role:Role"),
]
