"""Deliveries of logs that AWS's services write."""

from platformctl.provider.identity import assigned, name
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Send, Tagging, Update

NOTE = "recorded; nothing is delivered"


def _tagging(resource: str) -> Tagging:
    return Tagging(
        member="tags",
        form="map",
        add="tag_resource",
        remove="untag_resource",
        resource={"resourceArn": resource},
        read="tags",
        tags_member="tags",
        keys_member="tagKeys",
    )


SPECS = (
    ResourceSpec(
        type="aws:cloudwatch/logDeliverySource:LogDeliverySource",
        service="logs",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("put_delivery_source"),
        answer="deliverySource",
        read=Ask("get_delivery_source", {"name": "{id}"}, "deliverySource"),
        delete=Ask("delete_delivery_source", {"name": "{id}"}),
        reads={"resourceArn": "resourceArns[0]"},
        tags=_tagging("{arn}"),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        service="logs",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("put_delivery_destination"),
        answer="deliveryDestination",
        read=Ask("get_delivery_destination", {"name": "{id}"}, "deliveryDestination"),
        updates=(
            Update(
                Send(
                    "put_delivery_destination",
                    {"name": "{id}"},
                    only=("deliveryDestinationConfiguration", "outputFormat"),
                ),
            ),
        ),
        delete=Ask("delete_delivery_destination", {"name": "{id}"}),
        tags=_tagging("{arn}"),
        note=NOTE,
    ),
    ResourceSpec(
        type="aws:cloudwatch/logDelivery:LogDelivery",
        service="logs",
        identity=assigned("delivery.id"),
        fidelity=Fidelity.API,
        create=Send("create_delivery"),
        answer="delivery",
        read=Ask("get_delivery", {"id": "{id}"}, "delivery"),
        delete=Ask("delete_delivery", {"id": "{id}"}),
        names={"s3DeliveryConfigurations": "s3DeliveryConfiguration"},
        unread=("recordFields", "fieldDelimiter", "s3DeliveryConfigurations"),
        tags=_tagging("{arn}"),
        find=Find(
            Ask("describe_deliveries", {}, "deliveries"),
            ("deliverySourceName", "deliveryDestinationArn"),
        ),
        note=NOTE,
    ),
)
