"""Fixtures of the tests of cutovers."""

import pytest
from support.cutovers import Store


@pytest.fixture(scope="module")
def deployed(region, tmp_path_factory):
    """Return a service with two sides, for the tests of one file."""
    return Store(tmp_path_factory.mktemp("store"), region)


@pytest.fixture
def store(deployed):
    """Return the service with its first release alone on blue."""
    deployed.settle()
    return deployed


@pytest.fixture
def console(store):
    """Return a place to operate the service from."""
    return store.console()
