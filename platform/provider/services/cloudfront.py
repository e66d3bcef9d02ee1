"""Content delivery: distributions and what they refer to."""

from typing import Any
from uuid import uuid4

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
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

ONE = {"Id": "{id}"}
ARN = "arn:aws:cloudfront::{account}:"


def _configuration(context: Context, reference: str) -> dict[str, Any]:
    """Return the whole configuration of a distribution, with the members AWS insists on."""
    send = Send("create_distribution", only=tuple(CONFIGURED))
    config = context.request(send)["DistributionConfig"]
    config = {"CallerReference": reference, "Comment": "", **config}
    for origin in config["Origins"]["Items"]:
        if "CustomOriginConfig" not in origin and "VpcOriginConfig" not in origin:
            origin.setdefault("S3OriginConfig", {"OriginAccessIdentity": ""})
    for behavior in (
        config["DefaultCacheBehavior"],
        *config.get("CacheBehaviors", {}).get("Items", ()),
    ):
        for key in ("TrustedSigners", "TrustedKeyGroups"):
            if key in behavior:
                behavior[key]["Enabled"] = bool(behavior[key]["Items"])
    if "Logging" in config:
        config["Logging"] = {"Enabled": True, "Prefix": "", "IncludeCookies": False} | config[
            "Logging"
        ]
    return config


def _create(context: Context) -> Any:
    """Create a distribution, with its tags where it has some."""
    config = _configuration(context, str(uuid4()))
    tags = [{"Key": key, "Value": value} for key, value in context.tags.items()]
    if not tags:
        return context.call("create_distribution", DistributionConfig=config)
    both = {"DistributionConfig": config, "Tags": {"Items": tags}}
    return context.call("create_distribution_with_tags", DistributionConfigWithTags=both)


def _update(context: Context) -> None:
    """Change a distribution, from the version that is there."""
    now = context.ask(Ask("get_distribution_config", ONE))
    config = _configuration(context, now["DistributionConfig"]["CallerReference"])
    context.call(
        "update_distribution", Id=context.id, IfMatch=now["ETag"], DistributionConfig=config
    )


def _delete(context: Context) -> None:
    """Disable a distribution, which AWS wants first, and delete it."""
    now = context.ask(Ask("get_distribution_config", ONE))
    config, tag = now["DistributionConfig"], now["ETag"]
    if config["Enabled"]:
        off = {**config, "Enabled": False}
        tag = context.call(
            "update_distribution", Id=context.id, IfMatch=tag, DistributionConfig=off
        )["ETag"]
    if context.inputs.get("retainOnDelete"):
        return
    context.until(
        lambda: context.ask(Ask("get_distribution", ONE, "Distribution.Status")) == "Deployed",
        f"waiting for {context.id} to be disabled",
        delay=0.05,
        timeout=300,
    )
    context.call("delete_distribution", Id=context.id, IfMatch=tag)


def _tagged_update(operation: str, reading: str) -> Any:
    """Return a function that replaces a small configuration, from the version that is there."""

    def apply(context: Context) -> None:
        """Replace the configuration."""
        tag = context.ask(Ask(reading, ONE, "ETag"))
        context.send(Send(operation, ONE), IfMatch=tag)

    return apply


def _tagged_delete(operation: str, reading: str) -> Any:
    """Return a function that deletes a small configuration, from the version that is there."""

    def apply(context: Context) -> None:
        """Delete it."""
        tag = context.ask(Ask(reading, ONE, "ETag"))
        context.call(operation, Id=context.id, IfMatch=tag)

    return apply


CONFIGURED = (
    "aliases",
    "comment",
    "customErrorResponses",
    "defaultCacheBehavior",
    "defaultRootObject",
    "enabled",
    "httpVersion",
    "isIpv6Enabled",
    "loggingConfig",
    "orderedCacheBehaviors",
    "originGroups",
    "origins",
    "priceClass",
    "restrictions",
    "staging",
    "viewerCertificate",
    "webAclId",
)
MEMBERS = {
    "isIpv6Enabled": "IsIPV6Enabled",
    "loggingConfig": "Logging",
    "orderedCacheBehaviors": "CacheBehaviors",
    "webAclId": "WebACLId",
}
NAMES = {
    **{
        key: f"DistributionConfig.{MEMBERS.get(key, key[0].upper() + key[1:])}"
        for key in CONFIGURED
    },
    **{
        f"{behavior}.{key}": member
        for behavior in ("defaultCacheBehavior", "orderedCacheBehaviors")
        for key, member in (
            ("cachedMethods", "AllowedMethods.CachedMethods"),
            ("lambdaFunctionAssociations.lambdaArn", "LambdaFunctionARN"),
        )
    },
    "origins.originId": "Id",
    "origins.customHeaders.name": "HeaderName",
    "origins.customHeaders.value": "HeaderValue",
    "originGroups.originId": "Id",
    "restrictions.geoRestriction.locations": "Items",
    "callerReference": "DistributionConfig.CallerReference",
}

SIGNING = "OriginAccessControlConfig"
ACCESS = {
    "name": f"{SIGNING}.Name",
    "description": f"{SIGNING}.Description",
    "originAccessControlOriginType": f"{SIGNING}.OriginAccessControlOriginType",
    "signingBehavior": f"{SIGNING}.SigningBehavior",
    "signingProtocol": f"{SIGNING}.SigningProtocol",
}
HEADERS = "ResponseHeadersPolicyConfig"
POLICY = {
    "name": f"{HEADERS}.Name",
    "comment": f"{HEADERS}.Comment",
    "corsConfig": f"{HEADERS}.CorsConfig",
    "customHeadersConfig": f"{HEADERS}.CustomHeadersConfig",
    "removeHeadersConfig": f"{HEADERS}.RemoveHeadersConfig",
    "securityHeadersConfig": f"{HEADERS}.SecurityHeadersConfig",
    "serverTimingHeadersConfig": f"{HEADERS}.ServerTimingHeadersConfig",
}

SPECS = (
    ResourceSpec(
        type="aws:cloudfront/distribution:Distribution",
        service="cloudfront",
        identity=assigned("Distribution.Id"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=Ask("get_distribution", ONE, "merge(Distribution, {ETag: ETag})"),
        updates=(Update(_update, tuple(key for key in CONFIGURED if key != "staging")),),
        delete=_delete,
        outputs={"arn": ARN + "distribution/{id}", "hostedZoneId": "Z2FDTNDATAQYW2"},
        defaults={
            "httpVersion": "http2",
            "priceClass": "PriceClass_All",
            "retainOnDelete": False,
            "waitForDeployment": True,
        },
        names=NAMES,
        handled=(*CONFIGURED, "retainOnDelete", "waitForDeployment"),
        replace=("staging",),
        no_local_effect=(
            "anycastIpListId",
            "cacheTagConfig.*",
            "connectionFunctionAssociation.*",
            "continuousDeploymentPolicyId",
            "viewerMtlsConfig.*",
        ),
        tags=Tagging(
            member="Tags",
            form="items",
            add="tag_resource",
            remove="untag_resource",
            resource={"Resource": ARN + "distribution/{id}"},
            read=Ask("list_tags_for_resource", {"Resource": ARN + "distribution/{id}"}, "Tags"),
        ),
        find=Find(
            Ask(
                "list_distributions",
                {},
                "DistributionList.Items[].{Id: Id, DistributionConfig: {Comment: Comment}}",
            ),
            ("comment",),
        ),
        note="a real edge on loopback: S3 and load balancers as origins, error pages",
    ),
    ResourceSpec(
        type="aws:cloudfront/originAccessControl:OriginAccessControl",
        service="cloudfront",
        identity=assigned("OriginAccessControl.Id"),
        fidelity=Fidelity.API,
        create=Send("create_origin_access_control"),
        read=Ask(
            "get_origin_access_control",
            ONE,
            f"merge({{{SIGNING}: OriginAccessControl.{SIGNING}}}, {{ETag: ETag}})",
        ),
        updates=(
            Update(
                _tagged_update("update_origin_access_control", "get_origin_access_control"),
                tuple(ACCESS),
            ),
        ),
        delete=_tagged_delete("delete_origin_access_control", "get_origin_access_control"),
        names=ACCESS,
        outputs={"arn": ARN + "origin-access-control/{id}"},
        defaults={"description": "Managed by Pulumi"},
        name=Name("name", 64),
        find=Find(
            Ask(
                "list_origin_access_controls",
                {},
                f"OriginAccessControlList.Items[].{{Id: Id, {SIGNING}: {{Name: Name}}}}",
            ),
            ("name",),
        ),
    ),
    ResourceSpec(
        type="aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        service="cloudfront",
        identity=assigned("ResponseHeadersPolicy.Id"),
        fidelity=Fidelity.LIVE,
        create=Send("create_response_headers_policy"),
        read=Ask(
            "get_response_headers_policy",
            ONE,
            f"merge({{{HEADERS}: ResponseHeadersPolicy.{HEADERS}}}, {{ETag: ETag}})",
        ),
        updates=(
            Update(
                _tagged_update("update_response_headers_policy", "get_response_headers_policy"),
                tuple(POLICY),
            ),
        ),
        delete=_tagged_delete("delete_response_headers_policy", "get_response_headers_policy"),
        names=POLICY,
        outputs={"arn": ARN + "response-headers-policy/{id}"},
        name=Name("name", 128),
        find=Find(
            Ask(
                "list_response_headers_policies",
                {"Type": "custom"},
                "ResponseHeadersPolicyList.Items[].ResponseHeadersPolicy",
            ),
            ("name",),
        ),
        note="the headers are really sent",
    ),
)
