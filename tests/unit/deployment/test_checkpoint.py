"""Which checkpoints may become a state, and what is kept of the one before."""

import json

import pytest

from platformctl.deployment.checkpoint import read_checkpoint
from platformctl.errors import StateError

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:aws::default"
BUCKET = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::files"


def document(**change):
    bucket = {
        "urn": BUCKET,
        "custom": True,
        "type": "aws:s3/bucket:Bucket",
        "parent": STACK,
        "provider": f"{PROVIDER}::0123",
        "dependencies": [],
    }
    resources = [{"urn": STACK}, {"urn": PROVIDER, "parent": STACK}, {**bucket, **change}]
    return {"version": 3, "deployment": {"manifest": {}, "resources": resources}}


def read(tmp_path, content):
    file = tmp_path / "checkpoint.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_checkpoint(file, project="shop", stack="dev")


def test_what_pulumi_exports_is_taken(tmp_path):
    assert read(tmp_path, document())["version"] == 3


def test_an_empty_stack_is_taken(tmp_path):
    assert read(tmp_path, {"version": 3, "deployment": {"manifest": {}}})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot read"),
        ({"version": 3}, "there is no deployment"),
        ([], "there is no deployment"),
        (document() | {"version": 9}, "its version is 9"),
        (document(urn=BUCKET.replace("shop", "other")), "another project or stack"),
        (document(urn=BUCKET.replace("dev", "production")), "another project or stack"),
        (document(parent="urn:gone"), "refers to urn:gone"),
        (document(provider="urn:gone::1"), "refers to urn:gone"),
        (document(dependencies=["urn:gone"]), "refers to urn:gone"),
        (document(urn=STACK), "is in it twice"),
    ],
)
def test_what_must_not_become_a_state_is_refused_with_the_reason(tmp_path, content, said):
    with pytest.raises(StateError, match=said):
        read(tmp_path, content)
