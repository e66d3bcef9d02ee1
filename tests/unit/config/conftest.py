import copy

import pytest
from support.stacks import stack_document

from platformctl.config.loader import load_document
from platformctl.errors import ConfigurationError


@pytest.fixture
def production():
    return stack_document("production")


@pytest.fixture
def local():
    return stack_document("local")


@pytest.fixture
def mistakes():
    """Judge a changed document and return its mistakes, one sentence each."""

    def judge(document, path=None, value=None):
        document = copy.deepcopy(document)
        if path is not None:
            *parents, last = path
            section = document
            for key in parents:
                section = section[key]
            section[last] = value
        try:
            load_document(document, "Pulumi.test.yaml")
        except ConfigurationError as error:
            return error.why.split("; Pulumi.test.yaml: ")
        return []

    return judge
