"""Every row of the registry names a service of botocore, and methods that are its operations."""

import importlib
import inspect

import pytest
from botocore import xform_name

from platformctl.region.endpoint import models
from platformctl.region.services.base import Service
from platformctl.region.services.registry import SERVICES

BASE = {name for name, _ in inspect.getmembers(Service)}


def load(name):
    module, _, attribute = SERVICES[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("name", SERVICES)
def test_a_row_names_a_service_of_that_name(name):
    kind = load(name)

    assert issubclass(kind, Service)
    assert kind.name == name


@pytest.mark.parametrize("name", SERVICES)
def test_the_scope_is_what_clients_sign_with(name):
    kind = load(name)
    metadata = models.service_model(name).metadata
    signing = metadata.get("signingName") or metadata["endpointPrefix"]

    assert (kind.scope or name) == signing


@pytest.mark.parametrize("name", SERVICES)
def test_methods_that_take_a_call_are_operations(name):
    kind = load(name)
    operations = {xform_name(operation) for operation in models.service_model(name).operation_names}
    methods = {
        method
        for method, function in inspect.getmembers(kind, inspect.isfunction)
        if not method.startswith("_")
        and method not in BASE
        and list(inspect.signature(function).parameters) == ["self", "call"]
    }

    assert methods, "a service without operations answers nothing"
    assert methods <= operations


def test_databases_stop_after_the_tasks_that_write_to_them():
    names = list(SERVICES)

    for database in {"rds", "elasticache", "kafka"} & set(names):
        assert names.index(database) < names.index("ecs")
    assert names.index("elbv2") < names.index("ecs")
