"""Web application firewalls, what they stand before, and where they log."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, joined, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

ONE = {"Id": "{id}", "Name": "{name}", "Scope": "{scope}"}
CONFIGURED = (
    "captchaConfig",
    "challengeConfig",
    "dataProtectionConfig",
    "defaultAction",
    "description",
    "rules",
    "tokenDomains",
    "visibilityConfig",
)
CAPACITY_UNITS = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
}
"""Capacity units of AWS's managed rule sets, from AWS's list of managed rule groups."""


def _lock(context: Context) -> str:
    return context.ask(Ask("get_web_acl", ONE, "LockToken"))


def _update(context: Context) -> None:
    """Replace the whole configuration, from the version that is there."""
    context.send(Send("update_web_acl", ONE, only=CONFIGURED), LockToken=_lock(context))


def _delete(context: Context) -> None:
    """Delete the version that is there."""
    found = context.find(Ask("get_web_acl", ONE, "LockToken"))
    if found is not None:
        parameters = {key: context.values[key.lower()] for key in ONE}
        context.call("delete_web_acl", LockToken=found, **parameters)


def _read(context: Context) -> Any:
    """Describe a web ACL, with the capacity that its managed rules take."""
    found = context.find(Ask("get_web_acl", ONE))
    if found is None:
        return None
    acl = found["WebACL"]
    groups = (
        rule["Statement"].get("ManagedRuleGroupStatement", {}) for rule in acl.get("Rules", ())
    )
    capacity = sum(CAPACITY_UNITS.get(group.get("Name", ""), 0) for group in groups)
    return {
        **acl,
        "Scope": context.values["scope"],
        "LockToken": found["LockToken"],
        "Capacity": acl.get("Capacity") or capacity,
    }


def _read_association(context: Context) -> Any:
    """Tell whether the resource has this web ACL."""
    asked = {"ResourceArn": "{resourceArn}"}
    found = context.find(Ask("get_web_acl_for_resource", asked, "WebACL.ARN"))
    if found != context.values.get("webAclArn"):
        return None
    return {"ResourceArn": context.values["resourceArn"], "WebACLArn": found}


SPECS = (
    ResourceSpec(
        type="aws:wafv2/webAcl:WebAcl",
        service="wafv2",
        identity=assigned("Summary.Id"),
        fidelity=Fidelity.API,
        create=Send("create_web_acl"),
        read=_read,
        updates=(Update(_update, CONFIGURED),),
        delete=_delete,
        unread=(
            "captchaConfig",
            "challengeConfig",
            "dataProtectionConfig",
            "description",
            "tokenDomains",
        ),
        name=Name("name", 128),
        replace=("name", "namePrefix", "scope"),
        no_local_effect=(
            "associationConfig.*",
            "customResponseBodies.*",
            "monetizationConfig.*",
            "ruleJson",
        ),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceARN": "{arn}"},
            read=Ask(
                "list_tags_for_resource", {"ResourceARN": "{arn}"}, "TagInfoForResource.TagList"
            ),
        ),
        find=Find(Ask("list_web_acls", {"Scope": "{scope}"}, "WebACLs"), ("name",)),
        note="recorded; the balancer filters nothing",
    ),
    ResourceSpec(
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        service="wafv2",
        identity=joined("webAclArn", "resourceArn", separator=","),
        fidelity=Fidelity.API,
        create=Send("associate_web_acl"),
        read=_read_association,
        delete=Ask("disassociate_web_acl", {"ResourceArn": "{resourceArn}"}),
        delete_first=True,
    ),
    ResourceSpec(
        type="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        service="wafv2",
        identity=parameter("resourceArn"),
        fidelity=Fidelity.STATE,
        no_local_effect=(
            "logDestinationConfigs",
            "loggingFilter.*",
            "redactedFields.*",
            "resourceArn",
        ),
        replace=("resourceArn",),
        note="nothing is filtered, so nothing is logged",
    ),
)
