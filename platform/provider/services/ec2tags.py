"""Tags in EC2: given on creation as a specification, changed by resource id."""

from platformctl.provider.spec import Tagging


def tagged(kind: str) -> Tagging:
    """Return how an EC2 resource of a kind (`vpc`, `subnet`, …) is tagged."""
    return Tagging(
        member="TagSpecifications",
        form="specification",
        add="create_tags",
        remove="delete_tags",
        resource={"Resources": ["{id}"]},
        read="Tags",
        keys_member="Tags",
        kind=kind,
    )
