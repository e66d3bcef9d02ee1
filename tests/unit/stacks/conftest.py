import pytest
from support.environments import environment


@pytest.fixture(scope="session")
def production(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("production"), "production")


@pytest.fixture(scope="session")
def staging(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("staging"), "staging")


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("local"), "local")
