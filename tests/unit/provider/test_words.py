"""The small languages of the table: templates, identities, names and shapes."""

import pytest

from platformctl.plugin.values import UNKNOWN
from platformctl.provider import identity, models, registry
from platformctl.provider.templates import fill
from platformctl.provider.translate import Names, UnsentInputError, from_api, match, place, to_api


def test_a_name_alone_stands_for_the_value_itself():
    assert fill("{ids}", {"ids": ["a"]}) == ["a"]


def test_a_template_without_a_value_has_none_and_with_an_unknown_one_is_unknown():
    assert fill("x-{id}", {}) is None
    assert fill("x-{id}", {"id": UNKNOWN}) is UNKNOWN
    assert fill({"a": "{id}", "b": ["{id}", "{no}"]}, {"id": 1}) == {"a": 1, "b": [1]}


def test_the_first_alternative_with_a_value_counts():
    assert fill("{v6|v4}/x", {"v4": "10.0.0.0"}) == "10.0.0.0/x"


@pytest.mark.parametrize(
    ("word", "values", "expected"),
    [
        (identity.name(), {"name": "a"}, "a"),
        (identity.parameter("bucket"), {"bucket": "b"}, "b"),
        (identity.joined("role", "name"), {"role": "r", "name": "n"}, "r:n"),
        (
            identity.template("arn:aws:sns:{region}:{account}:{name}"),
            {"region": "us-east-1", "account": "0", "name": "t"},
            "arn:aws:sns:us-east-1:0:t",
        ),
    ],
)
def test_an_id_made_of_inputs_gives_them_away_again(word, values, expected):
    assert word.from_inputs(values) == expected
    inputs = {key: value for key, value in values.items() if key not in ("region", "account")}
    assert word.to_inputs(expected) == inputs


def test_an_assigned_id_is_in_the_answer():
    word = identity.assigned("Vpc.VpcId")

    assert word.from_answer({"Vpc": {"VpcId": "vpc-1"}}, {}) == "vpc-1"
    assert word.from_inputs({}) is None


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("cidrBlock", "CidrBlock"),
        ("subnetIds", "SubnetId"),
        ("policy", "Policies"),
        ("isIpv6Enabled", "IsIPV6Enabled"),
    ],
)
def test_names_match_whatever_their_case_and_number(name, member):
    assert match(name, ["Other", member]) == member


def test_a_nested_input_without_a_place_is_an_error_that_names_it():
    shape = models.input_shape("elbv2", "create_listener").members["DefaultActions"]

    with pytest.raises(UnsentInputError) as caught:
        to_api([{"type": "forward", "nonsense": 1}], shape, Names({}), "defaultActions")

    assert caught.value.path == "defaultActions.nonsense"


def test_lists_of_cloudfront_are_counted_and_read_back():
    shape = models.input_shape("cloudfront", "create_distribution").members["DistributionConfig"]
    aliases = shape.members["Aliases"]

    sent = to_api(["a.test", "b.test"], aliases, Names({}), "aliases")

    assert sent == {"Quantity": 2, "Items": ["a.test", "b.test"]}
    assert from_api(sent, ["list", "string"], Names({}), "aliases") == ["a.test", "b.test"]


def test_every_row_is_found_under_its_own_name():
    assert all(registry.spec(token).type == token for token in registry.types())


def test_a_list_that_the_api_does_not_take_empty_is_left_out():
    shape = models.input_shape("acm", "request_certificate")
    sent = {}

    place(sent, [], shape, Names({}), "subjectAlternativeNames")
    assert sent == {}

    place(sent, ["a.test"], shape, Names({}), "subjectAlternativeNames")
    assert sent == {"SubjectAlternativeNames": ["a.test"]}
