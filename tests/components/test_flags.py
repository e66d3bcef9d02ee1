"""Feature flags: what operations set is not set back."""

import pytest

SOURCE = 'flags = FeatureFlags("it", FeatureFlagsArgs(parameter_name="{}", {}))'


def test_there_are_no_flags_at_first(paper):
    parameter = paper.up(SOURCE.format("/shop/test/flags", "")).one("ssm/parameter:Parameter", "it")

    assert parameter.inputs["insecureValue"] == '{"revision":0,"flags":{}}'
    assert (parameter.inputs["name"], parameter.inputs["type"]) == ("/shop/test/flags", "String")


def test_what_the_program_would_set_is_ignored_later(paper):
    changed = 'transform={"it": {"insecure_value": "other", "description": "other"}}'
    first = paper.up(SOURCE.format("/shop/test/flags", ""))
    second = paper.up(SOURCE.format("/shop/test/flags", changed))

    before, after = (each.one("ssm/parameter:Parameter", "it").inputs for each in (first, second))
    assert after["description"] == "other"
    assert after["insecureValue"] == before["insecureValue"]


@pytest.mark.parametrize("name", ["flags", "/aws/flags", "/a//b", "/a" * 16, "/a b"])
def test_a_name_that_systems_manager_refuses_is_refused(name, paper):
    with pytest.raises(Exception, match="parameter_name is"):
        paper.up(SOURCE.format(name, ""))
