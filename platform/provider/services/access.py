"""Who may talk to whom: security groups and their rules, network access lists."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, template
from platformctl.provider.services.ec2tags import tagged
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Function,
    Name,
    ResourceSpec,
    Send,
    Update,
)
from platformctl.provider.tags import on_create

ARN = "arn:aws:ec2:{region}:{account}:"
IN_VPC = [{"Name": "vpc-id", "Values": ["{vpcId}"]}]
ENTRY = {
    "NetworkAclId": "{networkAclId}",
    "RuleNumber": "{ruleNumber}",
    "Egress": "{egress}",
}
CREATE_ENTRY = Send("create_network_acl_entry")
PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17"}


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return one inline rule of a security group as the API wants it."""
    about = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    groups = list(rule.get("securityGroups") or ())
    if rule.get("self"):
        groups.append(rule["itself"])
    lists = {
        "IpRanges": [{"CidrIp": cidr, **about} for cidr in rule.get("cidrBlocks") or ()],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **about} for cidr in rule.get("ipv6CidrBlocks") or ()],
        "PrefixListIds": [
            {"PrefixListId": each, **about} for each in rule.get("prefixListIds") or ()
        ],
        "UserIdGroupPairs": [{"GroupId": group, **about} for group in groups],
    }
    return permission | {key: value for key, value in lists.items() if value}


def _rule(permission: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Return one permission of a described security group as an inline rule."""
    pairs = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs", ())]
    texts = [
        item["Description"]
        for key in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
        for item in permission.get(key, ())
        if item.get("Description")
    ]
    return {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "cidrBlocks": [item["CidrIp"] for item in permission.get("IpRanges", ())],
        "ipv6CidrBlocks": [item["CidrIpv6"] for item in permission.get("Ipv6Ranges", ())],
        "prefixListIds": [item["PrefixListId"] for item in permission.get("PrefixListIds", ())],
        "securityGroups": [other for other in pairs if other != group],
        "self": group in pairs,
        "description": texts[0] if texts else "",
    }


def _describe_group(context: Context) -> Any:
    """Describe a security group with its rules as Pulumi writes them inline."""
    found = context.find(
        Ask("describe_security_groups", {"GroupIds": ["{id}"]}, "SecurityGroups[0]")
    )
    if found is None:
        return None
    described = {key: value for key, value in found.items() if not key.startswith("IpPermissions")}
    described["ingress"] = [_rule(item, context.id) for item in found.get("IpPermissions", ())]
    described["egress"] = [_rule(item, context.id) for item in found.get("IpPermissionsEgress", ())]
    return described


def _read_group(context: Context) -> Any:
    """Describe a security group; rules count only where the program writes them inline.

    Rules that are resources of their own belong to those resources, not to the group.
    """
    described = _describe_group(context)
    if described is not None:
        for direction in ("ingress", "egress"):
            if direction not in context.inputs:
                del described[direction]
    return described


def _create_group(context: Context) -> Any:
    """Create a security group without the rule that lets everything out, as Terraform does."""
    send = Send("create_security_group", {"GroupName": "{name}"}, only=("description", "vpcId"))
    answer = context.send(send, **on_create(context))
    _revoke_all(context, answer["GroupId"], ("egress",))
    return answer


def _revoke_all(context: Context, group: str, directions: Iterable[str]) -> None:
    described = context.call("describe_security_groups", GroupIds=[group])["SecurityGroups"][0]
    members = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
    for direction in directions:
        permissions = described.get(members[direction])
        if permissions:
            revoke = f"revoke_security_group_{direction}"
            context.call(revoke, GroupId=group, IpPermissions=permissions)


def _set_rules(direction: str) -> Function:
    def apply(context: Context) -> None:
        """Make the inline rules of one direction what they should be."""
        _revoke_all(context, context.id, (direction,))
        rules = context.inputs.get(direction) or ()
        permissions = [_permission({**rule, "itself": context.id}) for rule in rules]
        if permissions:
            authorize = f"authorize_security_group_{direction}"
            context.call(authorize, GroupId=context.id, IpPermissions=permissions)

    return apply


def _adopt_default_group(context: Context) -> Any:
    """Take over the default group of a VPC and close it."""
    groups = context.ask(
        Ask(
            "describe_security_groups",
            {"Filters": [*IN_VPC, {"Name": "group-name", "Values": ["default"]}]},
            "SecurityGroups",
        )
    )
    if not groups:
        raise ResourceOperationError(f"{context.inputs.get('vpcId')} has no default security group")
    context.id = groups[0]["GroupId"]
    for direction in ("ingress", "egress"):
        _set_rules(direction)(context)
    return {"GroupId": context.id}


def _rule_permission(context: Context) -> dict[str, Any]:
    rule = context.inputs
    about = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": str(rule["ipProtocol"])}
    for key, member in (("fromPort", "FromPort"), ("toPort", "ToPort")):
        if rule.get(key) is not None:
            permission[member] = int(rule[key])
    sources = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    for key, (member, inner) in sources.items():
        if rule.get(key):
            permission[member] = [{inner: rule[key], **about}]
    return permission


def _authorize(direction: str) -> Function:
    def authorize(context: Context) -> Any:
        """Add one rule to a security group; AWS refuses a second one like it, so this does too."""
        wanted = _rule_permission(context)
        group = context.inputs["securityGroupId"]
        existing = context.call(
            "describe_security_group_rules", Filters=[{"Name": "group-id", "Values": [group]}]
        )["SecurityGroupRules"]
        for rule in existing:
            if rule["IsEgress"] == (direction == "egress") and _alike(rule, context.inputs):
                raise ResourceOperationError(
                    f"InvalidPermission.Duplicate: {group} has this rule already, "
                    f"as {rule['SecurityGroupRuleId']}"
                )
        operation = f"authorize_security_group_{direction}"
        return context.call(operation, GroupId=group, IpPermissions=[wanted], **on_create(context))

    return authorize


def _alike(described: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    reference = described.get("ReferencedGroupInfo", {}).get("GroupId")
    pairs = (
        (described.get("IpProtocol"), inputs.get("ipProtocol")),
        (described.get("CidrIpv4"), inputs.get("cidrIpv4")),
        (described.get("CidrIpv6"), inputs.get("cidrIpv6")),
        (described.get("PrefixListId"), inputs.get("prefixListId")),
        (reference, inputs.get("referencedSecurityGroupId")),
        *(
            (described.get(member, -1), inputs.get(key, -1))
            for key, member in (("fromPort", "FromPort"), ("toPort", "ToPort"))
            if inputs.get("ipProtocol") != "-1"
        ),
    )
    return all(str(left or "") == str(right or "") for left, right in pairs)


def _modify_rule(context: Context) -> None:
    """Change one rule in place."""
    members = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "cidrIpv6": "CidrIpv6",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupId",
        "description": "Description",
    }
    rule = {
        member: context.inputs[key]
        for key, member in members.items()
        if context.inputs.get(key) is not None
    }
    context.call(
        "modify_security_group_rules",
        GroupId=context.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": context.id, "SecurityGroupRule": rule}],
    )


def _group_rule(direction: str) -> ResourceSpec:
    title = direction.capitalize()
    content = (
        "cidrIpv4",
        "cidrIpv6",
        "description",
        "fromPort",
        "ipProtocol",
        "prefixListId",
        "referencedSecurityGroupId",
        "toPort",
    )
    return ResourceSpec(
        type=f"aws:vpc/securityGroup{title}Rule:SecurityGroup{title}Rule",
        service="ec2",
        identity=assigned("SecurityGroupRules[0].SecurityGroupRuleId"),
        fidelity=Fidelity.API,
        create=_authorize(direction),
        answer="SecurityGroupRules[0]",
        read=Ask(
            "describe_security_group_rules",
            {"SecurityGroupRuleIds": ["{id}"]},
            "SecurityGroupRules[0]",
        ),
        updates=(Update(_modify_rule, content),),
        delete=Ask(
            f"revoke_security_group_{direction}",
            {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]},
        ),
        names={"securityGroupId": "GroupId"},
        reads={"referencedSecurityGroupId": "ReferencedGroupInfo.GroupId"},
        outputs={"arn": ARN + "security-group-rule/{id}", "securityGroupRuleId": "{id}"},
        handled=(*content, "securityGroupId"),
        replace=("securityGroupId",),
        delete_first=True,
        tags=tagged("security-group-rule"),
        find=Find(
            Ask(
                "describe_security_group_rules",
                {"Filters": [{"Name": "group-id", "Values": ["{securityGroupId}"]}]},
                f"SecurityGroupRules[?IsEgress==`{str(direction == 'egress').lower()}`]",
            ),
            ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"),
        ),
    )


def _set_entries(direction: str) -> Function:
    def apply(context: Context) -> None:
        """Make the entries of one direction that are written inline what they should be."""
        egress = direction == "egress"
        for entry in context.old.get(direction) or ():
            number = int(entry["ruleNo"])
            context.call(
                "delete_network_acl_entry",
                NetworkAclId=context.id,
                RuleNumber=number,
                Egress=egress,
            )
        for entry in context.inputs.get(direction) or ():
            optional = {
                "CidrBlock": entry.get("cidrBlock"),
                "Ipv6CidrBlock": entry.get("ipv6CidrBlock"),
                "PortRange": {"From": int(entry["fromPort"]), "To": int(entry["toPort"])},
            }
            context.call(
                "create_network_acl_entry",
                NetworkAclId=context.id,
                RuleNumber=int(entry["ruleNo"]),
                Egress=egress,
                Protocol=PROTOCOLS.get(entry["protocol"], str(entry["protocol"])),
                RuleAction=entry["action"],
                **{key: value for key, value in optional.items() if value is not None},
            )

    return apply


def _create_entry(context: Context) -> Any:
    """Create one entry of a network access list."""
    protocol = str(context.inputs["protocol"])
    number = PROTOCOLS.get(protocol, protocol)
    return context.send(CREATE_ENTRY, Protocol=number)


def _read_entry(context: Context) -> Any:
    """Return the one entry of an access list that has the number and direction."""
    path = "NetworkAcls[0].Entries"
    entries = context.find(
        Ask("describe_network_acls", {"NetworkAclIds": ["{networkAclId}"]}, path)
    )
    number, egress = int(context.inputs["ruleNumber"]), bool(context.inputs.get("egress"))
    for entry in entries or ():
        if entry["RuleNumber"] == number and entry["Egress"] == egress:
            wanted = str(context.inputs.get("protocol"))
            if PROTOCOLS.get(wanted, wanted) == entry["Protocol"]:
                entry["Protocol"] = wanted
            return {**entry, **entry.get("PortRange", {})}
    return None


SPECS = (
    ResourceSpec(
        type="aws:ec2/securityGroup:SecurityGroup",
        service="ec2",
        identity=assigned("GroupId"),
        fidelity=Fidelity.API,
        create=_create_group,
        read=_read_group,
        updates=(
            Update(_set_rules("ingress"), ("ingress",), on_create=True),
            Update(_set_rules("egress"), ("egress",), on_create=True),
        ),
        delete=Ask("delete_security_group", {"GroupId": "{id}"}),
        names={"name": "GroupName"},
        outputs={"arn": ARN + "security-group/{id}", "ownerId": "{account}"},
        defaults={"description": "Managed by Pulumi"},
        name=Name("name", 255),
        handled=("name", "namePrefix", "description", "vpcId", "ingress", "egress"),
        replace=("name", "namePrefix", "description", "vpcId"),
        no_local_effect=("revokeRulesOnDelete",),
        tags=tagged("security-group"),
        find=Find(
            Ask("describe_security_groups", {"Filters": IN_VPC}, "SecurityGroups"), ("name",)
        ),
        note="recorded; processes on loopback are not filtered",
    ),
    ResourceSpec(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        service="ec2",
        identity=assigned("GroupId"),
        fidelity=Fidelity.API,
        create=_adopt_default_group,
        read=_describe_group,
        updates=(
            Update(_set_rules("ingress"), ("ingress",)),
            Update(_set_rules("egress"), ("egress",)),
        ),
        names={"name": "GroupName"},
        outputs={"arn": ARN + "security-group/{id}", "ownerId": "{account}"},
        defaults={"ingress": [], "egress": []},
        handled=("vpcId", "ingress", "egress"),
        replace=("vpcId",),
        no_local_effect=("revokeRulesOnDelete",),
        tags=replace(tagged("security-group"), member=""),
        note="AWS makes it with the VPC and deletes it with the VPC; here it is closed",
    ),
    _group_rule("ingress"),
    _group_rule("egress"),
    ResourceSpec(
        type="aws:ec2/networkAcl:NetworkAcl",
        service="ec2",
        identity=assigned("NetworkAcl.NetworkAclId"),
        fidelity=Fidelity.API,
        create=Send("create_network_acl"),
        answer="NetworkAcl",
        read=Ask("describe_network_acls", {"NetworkAclIds": ["{id}"]}, "NetworkAcls[0]"),
        updates=(
            Update(_set_entries("ingress"), ("ingress",), on_create=True),
            Update(_set_entries("egress"), ("egress",), on_create=True),
        ),
        delete=Ask("delete_network_acl", {"NetworkAclId": "{id}"}),
        outputs={"arn": ARN + "network-acl/{id}", "ownerId": "{account}"},
        handled=("ingress", "egress"),
        unread=("ingress", "egress", "subnetIds"),
        no_local_effect=("subnetIds",),
        tags=tagged("network-acl"),
        find=Find(Ask("describe_network_acls", {"Filters": IN_VPC}, "NetworkAcls"), ("tags",)),
        note="recorded; processes on loopback are not filtered",
    ),
    ResourceSpec(
        type="aws:ec2/networkAclRule:NetworkAclRule",
        service="ec2",
        identity=template("{networkAclId}:{ruleNumber}:{egress}"),
        fidelity=Fidelity.API,
        create=_create_entry,
        sends=(CREATE_ENTRY,),
        read=_read_entry,
        delete=Ask("delete_network_acl_entry", ENTRY),
        names={
            "fromPort": "PortRange.From",
            "toPort": "PortRange.To",
            "icmpType": "IcmpTypeCode.Type",
            "icmpCode": "IcmpTypeCode.Code",
        },
        reads={"fromPort": "PortRange.From", "toPort": "PortRange.To"},
        defaults={"egress": False},
        handled=("protocol",),
        replace=("protocol",),
        delete_first=True,
    ),
    ResourceSpec(
        type="aws:ec2/networkAclAssociation:NetworkAclAssociation",
        service="ec2",
        identity=template("aclassoc-{subnetId}"),
        fidelity=Fidelity.STATE,
        no_local_effect=("networkAclId", "subnetId"),
        replace=("networkAclId", "subnetId"),
        note="the emulator's access lists have no associations that could be replaced",
    ),
)
