"""Web firewalls."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document
from platformctl.provider.validation.paths import objects
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    Distinct,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
)

NAME = r"[0-9A-Za-z_-]{1,128}"
DESCRIPTION = r"[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]"
METRIC = r"[\w#:./-]{1,255}"
STATEMENT = "rules[].statement"
GROUPS = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")


def _actions(inputs: Inputs) -> Failures:
    """A rule that is a group of rules overrides their action; every other has an action."""
    for place, rule in objects(inputs, "rules[]"):
        statement = rule.get("statement")
        if not isinstance(statement, dict):
            continue
        group = any(statement.get(key) is not None for key in GROUPS)
        wanted, other = ("overrideAction", "action") if group else ("action", "overrideAction")
        if rule.get(wanted) is None:
            yield CheckFailure(f"{place}.{wanted}", f"{place}.{wanted} is missing")
        if rule.get(other) is not None:
            yield CheckFailure(
                f"{place}.{other}", f"{place}.{other} cannot be given: {wanted} is what counts"
            )
        given = [key for key, value in statement.items() if value is not None]
        if len(given) != 1:
            yield CheckFailure(
                f"{place}.statement", f"{place}.statement must be one statement, not {len(given)}"
            )


ROWS = {
    "aws:wafv2/webAcl:WebAcl": Row(
        "wafv2/web_acl.go",
        (
            AtMostOne(("name", "namePrefix")),
            AtMostOne(("rules", "ruleJson")),
            Follows("ruleJson", json_document),
            Pattern("name", NAME),
            Pattern("description", DESCRIPTION),
            Length("description", 1, 256),
            OneOf("scope", ("CLOUDFRONT", "REGIONAL")),
            ExactlyOne(("allow", "block"), "defaultAction"),
            Pattern("visibilityConfig.metricName", METRIC),
            Distinct("rules[].name"),
            Distinct("rules[].priority"),
            Pattern("rules[].name", NAME),
            Range("rules[].priority", 0),
            Pattern("rules[].visibilityConfig.metricName", METRIC),
            Custom(_actions),
            ExactlyOne(("count", "none"), "rules[].overrideAction"),
            ExactlyOne(("allow", "block", "captcha", "challenge", "count"), "rules[].action"),
            Range("rules[].action.block.customResponse.responseCode", 200, 599),
            Range(f"{STATEMENT}.rateBasedStatement.limit", 10, 2_000_000_000),
            OneOf(f"{STATEMENT}.rateBasedStatement.evaluationWindowSec", (60, 120, 300, 600)),
            OneOf(
                f"{STATEMENT}.rateBasedStatement.aggregateKeyType",
                ("IP", "FORWARDED_IP", "CONSTANT", "CUSTOM_KEYS"),
            ),
            Length(f"{STATEMENT}.managedRuleGroupStatement.name", 1, 128),
            Length(f"{STATEMENT}.managedRuleGroupStatement.vendorName", 1, 128),
            Count(f"{STATEMENT}.managedRuleGroupStatement.ruleActionOverrides", 0, 100),
            Distinct("customResponseBodies[].key"),
            Pattern("customResponseBodies[].key", r"[\w-]{1,128}"),
            Length("customResponseBodies[].content", 1, 10_240),
            OneOf(
                "customResponseBodies[].contentType",
                ("TEXT_PLAIN", "TEXT_HTML", "APPLICATION_JSON"),
            ),
            Pattern("rules[].ruleLabels[].name", r"[\w:-]{1,1024}"),
            Pattern("tokenDomains[]", r"[\w./-]{1,253}"),
        ),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Row(
        "wafv2/web_acl_association.go", (Follows("resourceArn", arn), Follows("webAclArn", arn))
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Row(
        "wafv2/web_acl_logging_configuration.go",
        (
            Follows("resourceArn", arn),
            Count("logDestinationConfigs", 1, 1),
            Pattern(
                "logDestinationConfigs[]",
                r"arn:aws[a-z-]*:(logs:[a-z0-9-]+:\d{12}:log-group:|s3:::"
                r"|firehose:[a-z0-9-]+:\d{12}:deliverystream/)aws-waf-logs-.+",
                "the ARN of a destination whose name starts with aws-waf-logs-",
            ),
            Count("redactedFields", 0, 100),
            ExactlyOne(("method", "queryString", "singleHeader", "uriPath"), "redactedFields[]"),
            Pattern("redactedFields[].singleHeader.name", r"[a-z0-9_-]{1,40}", "in small letters"),
        ),
    ),
}
