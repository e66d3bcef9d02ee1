"""What operations need of Parameter Store, asked of the region as of AWS."""

import uuid
from typing import Any

import pytest
from support.region import RunningRegion


@pytest.fixture
def name() -> str:
    return f"/test/{uuid.uuid4().hex[:8]}/intake"


@pytest.fixture
def ssm(region: RunningRegion) -> Any:
    return region.client("ssm")


def test_every_value_of_a_parameter_has_a_version(ssm: Any, name: str) -> None:
    made = [
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)["Version"]
        for value in ("blue", "none", "green")
    ]
    read = ssm.get_parameter(Name=name)["Parameter"]
    old = ssm.get_parameter(Name=f"{name}:2")["Parameter"]
    history = ssm.get_parameter_history(Name=name)["Parameters"]

    assert made == [1, 2, 3]
    assert (read["Value"], read["Version"]) == ("green", 3)
    assert (old["Value"], old["Version"]) == ("none", 2)
    assert [(one["Version"], one["Value"]) for one in history] == [
        (1, "blue"),
        (2, "none"),
        (3, "green"),
    ]
    assert read["ARN"].endswith(f":parameter{name}")


def test_a_parameter_is_not_overwritten_unless_asked(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="blue", Type="String")
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name=name, Value="green", Type="String")

    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "blue"


def test_a_new_value_shows_in_the_next_read(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="0", Type="String")
    for number in range(1, 50):
        ssm.put_parameter(Name=name, Value=str(number), Overwrite=True)
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == str(number)


def test_a_parameter_that_is_not_there_is_not_found(ssm: Any, name: str) -> None:
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name=name)
    assert ssm.get_parameters(Names=[name])["InvalidParameters"] == [name]


def test_a_version_that_is_not_there_is_not_found(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="blue", Type="String")
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name=f"{name}:9")


def test_parameters_are_found_by_their_path(ssm: Any, name: str) -> None:
    parent = name.rpartition("/")[0]
    ssm.put_parameter(Name=name, Value="blue", Type="String")
    ssm.put_parameter(Name=f"{parent}/deep/er", Value="x", Type="String")
    flat = ssm.get_parameters_by_path(Path=parent)["Parameters"]
    deep = ssm.get_parameters_by_path(Path=parent, Recursive=True)["Parameters"]

    assert [one["Name"] for one in flat] == [name]
    assert {one["Name"] for one in deep} == {name, f"{parent}/deep/er"}
