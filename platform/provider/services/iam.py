"""Roles and what they may do."""

from collections.abc import Mapping
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, joined, name
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

ROLE = {"RoleName": "{id}"}
PROVIDER = {"OpenIDConnectProviderArn": "{id}"}
POLICY = {"RoleName": "{role}", "PolicyName": "{name}"}
ATTACHMENT = {"RoleName": "{role}", "PolicyArn": "{policyArn}"}


def _read_role(context: Context) -> Any:
    """Describe a role, its inline and attached policies included where the program says them."""
    role = context.find(Ask("get_role", ROLE, "Role"))
    if role is None:
        return None
    if "managedPolicyArns" in context.inputs:
        attached = context.ask(Ask("list_attached_role_policies", ROLE, "AttachedPolicies"))
        role["ManagedPolicyArns"] = [policy["PolicyArn"] for policy in attached]
    if "inlinePolicies" in context.inputs:
        role["InlinePolicies"] = [
            {"Name": each, "Policy": _inline(context, each)}
            for each in context.ask(Ask("list_role_policies", ROLE, "PolicyNames"))
        ]
    return role


def _inline(context: Context, policy: str) -> Any:
    found = context.call("get_role_policy", RoleName=context.id, PolicyName=policy)
    return found["PolicyDocument"]


def _set_inline(context: Context) -> None:
    """Make the inline policies of a role what they should be."""
    before = _named(context.old)
    after = _named(context.inputs)
    for policy in before.keys() - after.keys():
        context.call("delete_role_policy", RoleName=context.id, PolicyName=policy)
    for policy, document in after.items():
        if before.get(policy) != document:
            context.call(
                "put_role_policy",
                RoleName=context.id,
                PolicyName=policy,
                PolicyDocument=document,
            )


def _named(inputs: Mapping[str, Any]) -> dict[str, Any]:
    policies = inputs.get("inlinePolicies") or ()
    return {item["name"]: item["policy"] for item in policies if item.get("name")}


def _set_managed(context: Context) -> None:
    """Attach and detach the managed policies that the program lists on the role itself."""
    before = set(context.old.get("managedPolicyArns") or ())
    after = set(context.inputs.get("managedPolicyArns") or ())
    for arn in sorted(before - after):
        context.call("detach_role_policy", RoleName=context.id, PolicyArn=arn)
    for arn in sorted(after - before):
        context.call("attach_role_policy", RoleName=context.id, PolicyArn=arn)


def _set_boundary(context: Context) -> None:
    """Set or remove the permissions boundary."""
    boundary = context.inputs.get("permissionsBoundary")
    if boundary:
        context.call(
            "put_role_permissions_boundary", RoleName=context.id, PermissionsBoundary=boundary
        )
    else:
        context.call("delete_role_permissions_boundary", RoleName=context.id)


def _delete_role(context: Context) -> None:
    """Delete a role with the policies that belong to it."""
    for policy in _named(context.inputs):
        context.find(Ask("delete_role_policy", {**ROLE, "PolicyName": policy}))
    attached = context.ask(Ask("list_attached_role_policies", ROLE, "AttachedPolicies"))
    listed = set(context.inputs.get("managedPolicyArns") or ())
    for arn in (policy["PolicyArn"] for policy in attached):
        if arn in listed or context.inputs.get("forceDetachPolicies"):
            context.call("detach_role_policy", RoleName=context.id, PolicyArn=arn)
    context.call("delete_role", RoleName=context.id)


def _read_attachment(context: Context) -> Any:
    """Tell whether a policy is attached to a role."""
    path = "AttachedPolicies[].PolicyArn"
    attached = context.find(Ask("list_attached_role_policies", {"RoleName": "{role}"}, path))
    arn = context.inputs.get("policyArn")
    return (
        {"RoleName": context.inputs.get("role"), "PolicyArn": arn}
        if arn in (attached or ())
        else None
    )


def _providers(context: Context) -> Any:
    """Return the identity provider of the URL; an account can have one of each."""
    host = str(context.inputs["url"]).removeprefix("https://")
    listed = context.call("list_open_id_connect_providers")["OpenIDConnectProviderList"]
    return [
        {"OpenIDConnectProviderArn": each["Arn"], "Url": context.inputs["url"]}
        for each in listed
        if each["Arn"].endswith(f":oidc-provider/{host}")
    ]


SPECS = (
    ResourceSpec(
        type="aws:iam/role:Role",
        service="iam",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_role"),
        answer="Role",
        read=_read_role,
        updates=(
            Update(
                Send("update_assume_role_policy", {"RoleName": "{id}"}, only=("assumeRolePolicy",))
            ),
            Update(Send("update_role", ROLE, only=("description", "maxSessionDuration"))),
            Update(_set_inline, ("inlinePolicies",), on_create=True),
            Update(_set_managed, ("managedPolicyArns",), on_create=True),
            Update(_set_boundary, ("permissionsBoundary",)),
        ),
        delete=_delete_role,
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        reads={
            "uniqueId": "RoleId",
            "permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
        },
        outputs={"arn": "arn:aws:iam::{account}:role{path}{name}"},
        defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False},
        name=Name("name", 64),
        handled=("inlinePolicies", "managedPolicyArns", "forceDetachPolicies"),
        replace=("name", "namePrefix", "path"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_role",
            remove="untag_role",
            resource=ROLE,
            read=Ask("list_role_tags", ROLE, "Tags"),
        ),
        note="recorded and simulated; the local region asks for no permission",
    ),
    ResourceSpec(
        type="aws:iam/rolePolicy:RolePolicy",
        service="iam",
        identity=joined("role", "name"),
        fidelity=Fidelity.API,
        create=Send("put_role_policy"),
        read=Ask("get_role_policy", POLICY),
        updates=(Update(Send("put_role_policy", POLICY, only=("policy",))),),
        delete=Ask("delete_role_policy", POLICY),
        names={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
        name=Name("name", 128),
        replace=("role", "name", "namePrefix"),
    ),
    ResourceSpec(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        service="iam",
        identity=joined("role", "policyArn", separator="/"),
        fidelity=Fidelity.API,
        create=Send("attach_role_policy"),
        read=_read_attachment,
        delete=Ask("detach_role_policy", ATTACHMENT),
        names={"role": "RoleName"},
    ),
    ResourceSpec(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        service="iam",
        identity=assigned("OpenIDConnectProviderArn"),
        fidelity=Fidelity.API,
        create=Send("create_open_id_connect_provider"),
        read=Ask("get_open_id_connect_provider", PROVIDER),
        delete=Ask("delete_open_id_connect_provider", PROVIDER),
        names={"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"},
        unread=("thumbprintLists", "url"),
        outputs={"arn": "{id}"},
        no_local_effect=("tags",),
        find=Find(_providers, ("url",)),
        note="recorded; a change makes a new one",
    ),
)
