"""What replaces functions of Pulumi's SDK gives what they give: each is compared with its own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import Output, _version
from pulumi.output import UNKNOWN
from pulumi.runtime import resource, rpc

from platformctl.engine.program import shortcuts

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner)
)
OUTPUTS: dict[str, Callable[[], Any]] = {
    "output": lambda: Output.from_input("known"),
    "secret": lambda: Output.secret("hidden"),
    "unknown": lambda: UNKNOWN,
}
LIFTED = st.recursive(
    SCALARS | st.sampled_from([(kind,) for kind in OUTPUTS]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
)
"""Data in which a tuple of one word stands for an output of that kind."""
NAMES = st.text(alphabet="abc:$-", max_size=12)


class Owner:
    """Stands for a resource: outputs only need something that they belong to."""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def data_of(output: Output[Any]) -> tuple[Any, ...]:
    data = await output._data  # all of it, as the SDK hands it on
    return data.value, data.is_known, data.is_secret, data.resources


def lift(value: Any) -> Any:
    """Put outputs where the data says so; outputs belong to the loop they are made in."""
    match value:
        case (str(kind),) if isinstance(value, tuple):
            return OUTPUTS[kind]()
        case list() | tuple():
            return type(value)(lift(item) for item in value)
        case dict():
            return {name: lift(item) for name, item in value.items()}
    return value


def test_they_are_written_for_the_sdk_that_is_locked() -> None:
    assert str(_version.version) == shortcuts.WRITTEN_FOR


def test_with_another_sdk_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "WRITTEN_FOR", "0.0.1")
    before = [getattr(owner, name) for owner, name, _ in shortcuts.SHORTCUTS]
    shortcuts.take()

    assert [getattr(owner, name) for owner, name, _ in shortcuts.SHORTCUTS] == before


@given(LIFTED)
def test_an_output_of_data_is_what_the_sdk_makes_of_it(value: Any) -> None:
    async def compare() -> None:
        expected = await data_of(Output.from_input(lift(value)))
        assert await data_of(shortcuts.from_input(lift(value))) == expected

    run(compare())


def test_an_output_keeps_what_it_was_made_of() -> None:
    async def change() -> Any:
        value: dict[str, Any] = {"list": [1], "object": {"a": 1}}
        output = shortcuts.from_input(value)
        value["list"].append(2)
        value["object"]["a"] = 2
        return (await data_of(output))[0]

    assert run(change()) == {"list": [1], "object": {"a": 1}}


@given(LIFTED)
def test_unknown_parts_are_found_where_the_sdk_finds_them(value: Any) -> None:
    async def compare() -> None:
        lifted = lift(value)
        assert shortcuts.contains_unknowns(lifted) == rpc.contains_unknowns(lifted)

    run(compare())


@given(NAMES, NAMES, NAMES)
def test_a_urn_is_the_one_that_the_sdk_makes(name: str, kind: str, parent: str) -> None:
    async def compare() -> None:
        expected = await data_of(resource.create_urn(name, kind, parent))
        assert await data_of(shortcuts.create_urn(name, kind, parent)) == expected

    run(compare())


@pytest.mark.parametrize("custom", [True, False])
@given(value=PLAIN, known=st.booleans(), secret=st.booleans(), depends=st.booleans())
def test_properties_resolve_as_those_of_the_sdk(
    custom: bool, value: Any, known: bool, secret: bool, depends: bool
) -> None:
    async def resolved(transfer: Any) -> tuple[Any, ...]:
        dependencies = {other} if depends else None
        for resolve in transfer(owner, {"id": 1, "urn": 2, "name": 3}, custom).values():
            resolve(value, known, secret, dependencies, None)
        outputs = {name: await data_of(output) for name, output in vars(owner).items()}
        vars(owner).clear()
        return (outputs,)

    async def compare() -> None:
        expected = await resolved(rpc.transfer_properties)
        assert await resolved(shortcuts.transfer_properties) == expected

    owner, other = Owner(), Owner()
    run(compare())


def test_a_property_of_a_resource_that_failed_fails() -> None:
    async def fail() -> None:
        owner: Any = Owner()
        resolvers = shortcuts.transfer_properties(owner, {"name": 1}, custom=True)
        resolvers["name"](None, False, False, None, ValueError("no such bucket"))
        await owner.name._data

    with pytest.raises(ValueError, match="no such bucket"):
        run(fail())
