"""Documents with values that are known later are written as Pulumi itself writes them."""

import asyncio
import json

import pulumi
from hypothesis import given
from hypothesis import strategies as st

from platformctl.components.json_document import json_document


class Later:
    """Stands for a value that is an output of a resource."""

    def __init__(self, value):
        self.value = value


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
LATER = (PLAIN | st.lists(PLAIN) | st.dictionaries(st.text(), PLAIN)).map(Later)
DOCUMENTS = st.recursive(
    PLAIN | LATER,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def with_outputs(value):
    if isinstance(value, Later):
        return pulumi.Output.from_input(value.value)
    if isinstance(value, dict):
        return {key: with_outputs(each) for key, each in value.items()}
    return [with_outputs(each) for each in value] if isinstance(value, list) else value


@given(DOCUMENTS)
def test_the_text_is_the_one_that_pulumi_writes(document):
    async def both():
        ours = await json_document(with_outputs(document)).future()
        return ours, await pulumi.Output.json_dumps(with_outputs(document)).future()

    ours, theirs = asyncio.run(both())

    assert ours == theirs


def test_a_document_is_as_secret_as_what_is_in_it():
    async def secret(value):
        return await json_document({"here": [value()]}).is_secret()

    assert asyncio.run(secret(lambda: pulumi.Output.secret("word")))
    assert not asyncio.run(secret(lambda: pulumi.Output.from_input("word")))


def test_a_document_is_unknown_until_everything_in_it_is_known():
    def coming(result):
        found = asyncio.get_running_loop().create_future()
        found.set_result(result)
        return found

    async def known(*, already):
        value = pulumi.Output(coming(set()), coming("arn"), coming(already))
        document = json_document({"here": [value], "there": 1})
        return await document.is_known(), await document.future()

    assert asyncio.run(known(already=False)) == (False, None)
    assert asyncio.run(known(already=True)) == (True, json.dumps({"here": ["arn"], "there": 1}))
