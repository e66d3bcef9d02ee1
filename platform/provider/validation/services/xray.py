"""Tracing."""

from platformctl.provider.validation.rules import Length, OneOf, Pattern, Range, Requires, Row, When

ROWS = {
    "aws:xray/encryptionConfig:EncryptionConfig": Row(
        "xray/encryption_config.go",
        (
            OneOf("type", ("KMS", "NONE")),
            When("type", ("KMS",), needs=("keyId",)),
        ),
    ),
    "aws:xray/group:Group": Row(
        "xray/group.go",
        (
            Pattern("groupName", r"(?!default$)[\w-]{1,32}"),
            Length("filterExpression", 1),
            When(
                "insightsConfiguration.notificationsEnabled",
                (True,),
                needs=("insightsConfiguration.insightsEnabled",),
            ),
        ),
    ),
    "aws:xray/samplingRule:SamplingRule": Row(
        "xray/sampling_rule.go",
        (
            Length("ruleName", 1, 32),
            Pattern("resourceArn", r"\*|arn:.{1,496}"),
            Range("priority", 1, 9999),
            Range("fixedRate", 0, 1),
            Range("reservoirSize", 0),
            Length("serviceName", 1, 64),
            Length("serviceType", 1, 64),
            Length("host", 1, 64),
            Length("httpMethod", 1, 10),
            Length("urlPath", 1, 128),
            Range("version", 1),
            Length("attributes{}", 1, 32),
            Requires("ruleName", ("priority", "fixedRate", "reservoirSize")),
        ),
    ),
}
