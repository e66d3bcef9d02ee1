"""Log groups and what is made from them; log deliveries."""

from platformctl.provider.validation.formats import arn, resource_policy
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    ExactlyOne,
    Follows,
    Length,
    OneOf,
    Pattern,
    Row,
    When,
)

RETENTION = (
    0,
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""Days; 0 keeps logs for ever."""
NUMBER = r"|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
DELIVERY = r"[\w-]{1,60}"

ROWS = {
    "aws:cloudwatch/logGroup:LogGroup": Row(
        "logs/group.go",
        (
            Pattern("name", r"[.\-_/#A-Za-z0-9]{1,512}"),
            AtMostOne(("name", "namePrefix")),
            Pattern("namePrefix", r"[.\-_/#A-Za-z0-9]{1,483}"),
            Pattern("name", "^aws/", "a name that does not start with aws/", never=True),
            OneOf("retentionInDays", RETENTION),
            OneOf("logGroupClass", ("STANDARD", "INFREQUENT_ACCESS", "DELIVERY")),
            Follows("kmsKeyId", arn),
        ),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        "logs/metric_filter.go",
        (
            Pattern("name", r"[^:*]{1,512}"),
            Length("pattern", 0, 1024),
            Pattern("metricTransformation.name", r"[^:*$]{1,255}"),
            Pattern("metricTransformation.namespace", r"[^:*$]{1,255}"),
            Length("metricTransformation.value", 1, 100),
            Count("metricTransformation.dimensions", 0, 3),
            Pattern("metricTransformation.defaultValue", NUMBER, "a number"),
            When(
                "metricTransformation.dimensions",
                (None,),
                otherwise=True,
                excludes=("metricTransformation.defaultValue",),
            ),
        ),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Row(
        "logs/resource_policy.go",
        (
            ExactlyOne(("policyName", "resourceArn")),
            Follows("resourceArn", arn),
            Follows("policyDocument", resource_policy),
        ),
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Row(
        "logs/delivery_source.go",
        (
            Pattern("name", DELIVERY),
            Pattern("logType", r"\w{1,255}"),
            Follows("resourceArn", arn),
        ),
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Row(
        "logs/delivery_destination.go",
        (
            Pattern("name", DELIVERY),
            OneOf("outputFormat", ("json", "plain", "w3c", "raw", "parquet")),
            Follows("deliveryDestinationConfiguration.destinationResourceArn", arn),
        ),
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Row(
        "logs/delivery.go",
        (
            Pattern("deliverySourceName", DELIVERY),
            Follows("deliveryDestinationArn", arn),
            Length("fieldDelimiter", 0, 5),
            Count("recordFields", 0, 128),
        ),
    ),
}
