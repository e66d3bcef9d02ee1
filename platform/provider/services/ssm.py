"""Parameters of Systems Manager."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import parameter
from platformctl.provider.spec import Ask, Fidelity, ResourceSpec, Tagging, Update
from platformctl.provider.tags import on_create

RESOURCE = {"ResourceType": "Parameter", "ResourceId": "{id}"}
SENT = {
    "allowedPattern": "AllowedPattern",
    "dataType": "DataType",
    "description": "Description",
    "keyId": "KeyId",
    "tier": "Tier",
    "type": "Type",
}
VALUES = ("value", "insecureValue")


def _given(context: Context) -> dict[str, Any]:
    """Return what the program says about a parameter, its value included if it says that."""
    inputs = context.inputs
    given = {member: inputs[key] for key, member in SENT.items() if inputs.get(key)}
    value = next((inputs[key] for key in VALUES if inputs.get(key) is not None), None)
    return given if value is None else {**given, "Value": value}


def _create(context: Context) -> Any:
    """Create a parameter, or take over one of that name where the program allows it."""
    name, overwrite = context.inputs["name"], bool(context.inputs.get("overwrite"))
    tags = {} if overwrite else on_create(context)
    context.call("put_parameter", Name=name, Overwrite=overwrite, **_given(context), **tags)
    if overwrite and context.tags:
        found = [{"Key": key, "Value": value} for key, value in context.tags.items()]
        context.call("add_tags_to_resource", ResourceType="Parameter", ResourceId=name, Tags=found)
    return {"Name": name}


def _update(context: Context) -> Any:
    """Change a parameter; a new version is the only way to change anything but its tags."""
    return context.call("put_parameter", Name=context.id, Overwrite=True, **_given(context))


def _read(context: Context) -> Any:
    """Return a parameter with its value where the program put it: in the clear, or as a secret."""
    named = {"Name": "{id}", "WithDecryption": True}
    found = context.find(Ask("get_parameter", named, "Parameter"))
    if found is None:
        return None
    by_name = {"Key": "Name", "Option": "Equals", "Values": [context.id]}
    details = context.call("describe_parameters", ParameterFilters=[by_name])["Parameters"]
    shown = "InsecureValue" if context.inputs.get("insecureValue") is not None else "Value"
    value = found.pop("Value")
    return {**(details[0] if details else {}), **found, shown: value}


SPECS = (
    ResourceSpec(
        type="aws:ssm/parameter:Parameter",
        service="ssm",
        identity=parameter("name"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=_read,
        updates=(Update(_update, ("value", "insecureValue", *SENT)),),
        delete=Ask("delete_parameter", {"Name": "{id}"}),
        reads={
            **SENT,
            "value": "Value",
            "insecureValue": "InsecureValue",
            "name": "Name",
            "arn": "ARN",
            "version": "Version",
        },
        outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter{id}"},
        defaults={"dataType": "text", "tier": "Standard"},
        handled=("name", "overwrite", *VALUES, *SENT),
        unread=("overwrite",),
        replace=("name", "dataType"),
        no_local_effect=("arn", "valueWo", "valueWoVersion"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="add_tags_to_resource",
            remove="remove_tags_from_resource",
            resource=RESOURCE,
            read=Ask("list_tags_for_resource", RESOURCE, "TagList"),
        ),
        note="kept and versioned; tasks read it",
    ),
)
