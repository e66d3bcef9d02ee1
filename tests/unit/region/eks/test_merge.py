"""Patches and server-side apply on objects alone, by the structure of their kinds."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.region.services.eks.api import fields, merge
from platformctl.region.services.eks.api.status import Refusal
from platformctl.region.services.eks.api.structure import part_of

DEPLOYMENT = part_of("apps/v1", "Deployment")


def deployment(*, labels=None, replicas=None, **variables):
    container = {"name": "web", "env": [{"name": k, "value": v} for k, v in variables.items()]}
    spec = {"template": {"spec": {"containers": [container]}}}
    if replicas is not None:
        spec["replicas"] = replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", **({"labels": labels} if labels else {})},
        "spec": spec,
    }


def variables_of(document):
    (container,) = document["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in container["env"]}


def applied(live, said, manager, *, force=False):
    return merge.apply(live, said, manager, DEPLOYMENT, force=force)


EMPTY = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}


def test_a_second_apply_of_the_same_changes_nothing():
    once = applied(EMPTY, deployment(A="1", replicas=2), "first")

    assert applied(once, deployment(A="1", replicas=2), "first") == once


def test_what_a_manager_says_no_more_goes():
    once = applied(EMPTY, deployment(A="1", B="1", replicas=2), "first")
    twice = applied(once, deployment(A="2"), "first")

    assert variables_of(twice) == {"A": "2"}
    assert "replicas" not in twice["spec"]


def test_what_two_managers_say_stays_while_one_of_them_says_it():
    once = applied(EMPTY, deployment(A="1", replicas=2), "first")
    shared = applied(once, {**EMPTY, "spec": {"replicas": 2}}, "second")

    left = applied(shared, deployment(A="1"), "first")

    assert left["spec"]["replicas"] == 2


def test_a_manager_may_say_something_about_an_item_of_another():
    once = applied(EMPTY, deployment(A="1"), "first")

    both = applied(once, deployment(B="1"), "second")

    assert variables_of(both) == {"A": "1", "B": "1"}


def test_different_values_are_a_conflict_unless_forced():
    once = applied(EMPTY, deployment(replicas=2), "first")

    with pytest.raises(Refusal, match=r'conflict with "first": \.spec\.replicas'):
        applied(once, deployment(replicas=3), "second")
    forced = applied(once, deployment(replicas=3), "second", force=True)
    assert forced["spec"]["replicas"] == 3
    with pytest.raises(Refusal, match="second"):
        applied(forced, deployment(replicas=2), "first")


def test_an_update_takes_over_exactly_what_it_changed():
    once = applied(EMPTY, deployment(A="1", B="1", replicas=2), "first")
    after = copy.deepcopy(once)
    after["spec"]["replicas"] = 5
    changed = merge.updated(once, after, "scaler", DEPLOYMENT)

    with pytest.raises(Refusal, match="scaler"):
        applied(changed, deployment(A="1", B="1", replicas=2), "first")
    assert applied(changed, deployment(A="2"), "first")["spec"]["replicas"] == 5


def test_a_strategic_patch_finds_items_by_their_key_and_deletes_them():
    document = deployment(A="1", B="1")
    container = {"name": "web", "env": [{"name": "A", "$patch": "delete"}]}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}

    assert variables_of(merge.strategic(document, patch, DEPLOYMENT)) == {"B": "1"}


def test_a_merge_patch_removes_what_is_null_and_replaces_lists():
    document = {"a": {"b": 1, "c": [1, 2]}, "d": 1}

    patched = merge.merge_patch(document, {"a": {"b": None, "c": [3]}, "e": 2})

    assert patched == {"a": {"c": [3]}, "d": 1, "e": 2}


def test_a_json_patch_tests_before_it_changes():
    steps = [{"op": "test", "path": "/a", "value": 1}, {"op": "replace", "path": "/a", "value": 2}]

    assert merge.json_patch({"a": 1}, steps) == {"a": 2}
    with pytest.raises(Refusal, match="testing value /a failed"):
        merge.json_patch({"a": 3}, steps)


NAMES = st.sampled_from(["A", "B", "C"])
VALUES = st.dictionaries(NAMES, st.sampled_from(["1", "2"]))


@given(VALUES)
def test_fields_are_read_as_they_are_written(variables):
    found = fields.fields(deployment(labels={"x": "y"}, **variables), DEPLOYMENT)

    assert fields.read(fields.written(found)) == found


@given(VALUES, VALUES, VALUES)
def test_the_last_thing_a_manager_said_is_what_counts(first, second, third):
    live = EMPTY
    for said in (first, second, third):
        live = applied(live, deployment(**said), "only")

    assert variables_of(live) == third
