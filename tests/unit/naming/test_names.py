"""Names that fit, and tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.naming.names import AUTOMATIC_SUFFIX, LIMITS, fit, operations_table
from platformctl.naming.tags import REQUIRED, component_tags, resource_tags

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,98}[a-z0-9]", fullmatch=True)


@given(NAMES, st.sampled_from(sorted(LIMITS)), st.booleans())
def test_a_fitted_name_is_never_too_long(name, kind, automatic):
    room = AUTOMATIC_SUFFIX if automatic else 0

    assert len(fit(name, kind, automatic=automatic)) + room <= LIMITS[kind]


@given(NAMES, st.sampled_from(sorted(LIMITS)))
def test_fitting_twice_changes_nothing_more(name, kind):
    once = fit(name, kind)

    assert fit(once, kind) == once


@given(NAMES)
def test_a_name_that_fits_stays_as_it_is(name):
    if len(name) <= LIMITS["role"]:
        assert fit(name, "role") == name


def test_long_names_that_begin_alike_stay_different():
    common = "a-very-long-name-of-a-load-balancer-in"

    assert fit(f"{common}-staging", "load balancer") != fit(f"{common}-testing", "load balancer")


@pytest.mark.parametrize("tag", REQUIRED)
def test_every_required_tag_is_there(tag):
    tags = resource_tags(
        environment="staging", product="analytics", cost_center="4711", owner="team"
    )

    assert tags[tag]


def test_a_component_adds_its_name_and_its_class_of_data():
    assert component_tags({"Owner": "team"}, "database", "confidential") == {
        "Owner": "team",
        "Component": "database",
        "DataClass": "confidential",
    }


def test_every_environment_has_a_table_of_operations_of_its_own():
    assert operations_table("platform", "local") == "platform-local-operations"
