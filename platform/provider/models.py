"""botocore's service models, read without making a client: comparing inputs needs no more."""

from functools import cache
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel


@cache
def _service(name: str) -> tuple[ServiceModel, dict[str, str]]:
    document = Loader().load_service_model(name, "service-2")
    model = ServiceModel(document, service_name=name)
    return model, {xform_name(each): each for each in document["operations"]}


def input_shape(service: str, operation: str) -> Any:
    """Return the input shape of an operation named as boto3 names it; None if it takes nothing."""
    model, operations = _service(service)
    return model.operation_model(operations[operation]).input_shape
