"""`platformctl up` for an AWS account as a person meets it: the command, its words, its status."""

import json
import os
import pty
import subprocess
import sys

import pytest
from support import pulumi_cli

PLACE = "us-east-1:000000000000"
# What every resource of a production environment must carry.
TAGS = {
    "Environment": "production",
    "Product": "shop",
    "Component": "orders",
    "Owner": "team-shop",
    "CostCenter": "shop",
    "DataClass": "internal",
    "ManagedBy": "pulumi",
}
URN = "urn:pulumi:production::shop::aws:backup/vault:Vault::orders"
STATE = {
    "urn": URN,
    "custom": True,
    "type": "aws:backup/vault:Vault",
    "id": "orders",
    "parent": "",
    "provider": "",
    "inputs": {"name": "orders", "kmsKeyArn": f"arn:aws:kms:{PLACE}:key/k", "tags": TAGS},
    "outputs": {},
}


def answer(said, code=0, stdout="", stderr="", events=()):
    return {"said": said, "code": code, "stdout": stdout, "stderr": stderr, "events": list(events)}


def step(operation, **inputs):
    state = {**STATE, "inputs": {**STATE["inputs"], **inputs}}
    metadata = {
        "op": operation,
        "urn": URN,
        "type": STATE["type"],
        "old": STATE,
        "new": state,
        "keys": ["name"],
        "diffs": ["name"],
        "logical": True,
        "provider": "",
    }
    return {"sequence": 1, "timestamp": 1, "resourcePreEvent": {"metadata": metadata}}


def summary(**changes):
    event = {
        "maybeCorrupt": False,
        "durationSeconds": 1,
        "resourceChanges": changes,
        "PolicyPacks": {},
    }
    return {"sequence": 2, "timestamp": 2, "summaryEvent": event}


REPLACING = [step("replace"), summary(replace=1)]
PREVIEW = answer("preview", events=REPLACING)
UP = answer("up --yes --skip-preview", events=REPLACING)
UPDATE = {
    "kind": "update",
    "startTime": "2026-11-21T14:19:23.000Z",
    "endTime": "2026-11-21T14:20:23.000Z",
    "message": "",
    "environment": {},
    "config": {},
    "result": "succeeded",
}
REST = [
    answer("stack select"),
    answer("stack output --json", stdout='{"api_url": "https://shop.example"}'),
    answer("stack output --json --show-secrets", stdout='{"api_url": "https://shop.example"}'),
    answer("stack export", stdout=json.dumps({"version": 3, "deployment": {"resources": [STATE]}})),
    answer("stack history --json --page-size 1 --page 1", stdout=json.dumps([UPDATE])),
]


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.production.yaml").write_text("config: {shop:environment: production}\n")
    (tmp_path / "bin").mkdir()
    return tmp_path


def start(shop, *arguments, conversation=(), stdin=subprocess.DEVNULL, **environment):
    pulumi_cli.install_player(shop / "bin", [*conversation, *REST])
    return subprocess.Popen(
        [sys.executable, "-m", "platformctl.cli", *arguments],
        cwd=shop,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PATH": os.pathsep.join((str(shop / "bin"), os.environ["PATH"])),
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            **environment,
        },
    )


def run(shop, *arguments, **more):
    process = start(shop, *arguments, **more)
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def asked(shop):
    return (shop / "bin" / "seen.txt").read_text().splitlines()


def test_it_previews_warns_applies_and_ends_with_the_outputs(shop):
    status, _, said = run(shop, "up", "production", "--yes", conversation=[PREVIEW, UP])

    assert status == 0, said
    assert said.index("to replace") < said.index(
        "orders (aws:backup/vault:Vault) would be replaced"
    )
    assert "name cannot be changed in place" in said
    assert "https://shop.example" in said
    assert asked(shop).index("preview") < asked(shop).index("up --yes --skip-preview")


def test_what_is_deployed_is_read_once_before_the_change_and_once_after_it(shop):
    status, _, said = run(shop, "up", "production", "--yes", conversation=[PREVIEW, UP])

    assert status == 0, said
    told = [each for each in asked(shop) if each in ("up --yes --skip-preview", "stack export")]
    assert told == ["stack export", "up --yes --skip-preview", "stack export"]


def test_what_no_preview_could_know_is_judged_when_it_is_there(shop):
    unlocked = {**STATE, "inputs": {**STATE["inputs"], "forceDestroy": True}}
    document = {"version": 3, "deployment": {"resources": [unlocked]}}
    settled = answer("stack export", stdout=json.dumps(document))

    told = [PREVIEW, UP, settled, settled, settled]
    status, _, said = run(shop, "up", "production", "--yes", conversation=told)

    assert status == 5, said
    assert "backup-vault-no-force-destroy" in said
    assert "production is deployed, but breaks policies" in said


@pytest.mark.parametrize(("typed", "status"), [("production", 0), ("yes", 8)])
def test_production_changes_only_when_its_name_is_typed_out(shop, typed, status):
    master, slave = pty.openpty()
    process = start(shop, "up", "production", conversation=[PREVIEW, UP], stdin=slave)
    os.write(master, f"{typed}\n".encode())
    _, said = process.communicate(timeout=120)
    os.close(master)
    os.close(slave)

    assert process.returncode == status, said
    assert "Type production to go on" in said
    assert ("up --yes --skip-preview" in asked(shop)) is (status == 0)


def test_without_a_terminal_it_insists_on_yes_and_changes_nothing(shop):
    status, _, said = run(shop, "up", "production", conversation=[PREVIEW, UP])

    assert status == 2
    assert "add --yes" in said
    assert "up --yes --skip-preview" not in asked(shop)


def test_unexpected_changes_end_with_status_seven(shop):
    status, _, _ = run(
        shop, "up", "production", "--yes", "--expect-no-changes", conversation=[PREVIEW, UP]
    )

    assert status == 7
    assert "up --yes --skip-preview" not in asked(shop)


def test_json_is_one_document_about_what_was_done(shop):
    status, stdout, said = run(
        shop, "up", "production", "--yes", "--json", conversation=[PREVIEW, UP]
    )

    assert status == 0, said
    assert json.loads(stdout)["changeSummary"] == {"replace": 1}


def test_expired_credentials_end_with_status_three_and_the_remedy(shop):
    expired = answer("preview", code=255, stderr="error: api error ExpiredToken: expired")
    status, _, said = run(shop, "up", "production", "--yes", conversation=[expired])

    assert status == 3
    assert "expired" in said
    assert "aws sso login" in said
    assert "Traceback" not in said


def test_no_credentials_at_all_end_with_status_three_before_anything_is_asked(shop):
    status, _, said = run(
        shop,
        "up",
        "production",
        "--yes",
        AWS_ACCESS_KEY_ID="",
        AWS_SECRET_ACCESS_KEY="",
        AWS_CONFIG_FILE=str(shop / "none"),
        AWS_SHARED_CREDENTIALS_FILE=str(shop / "none"),
        AWS_EC2_METADATA_DISABLED="true",
    )

    assert status == 3
    assert "no AWS credentials" in said
    assert "preview" not in asked(shop)


def test_a_locked_stack_names_who_and_since_when(shop):
    locked = answer(
        "up --yes --skip-preview",
        code=1,
        stderr="error: the stack is currently locked by 1 lock(s).\n  s3://x.json: created by "
        "ana@build-7 (pid 12) at 2026-11-21T14:19:23Z",
    )
    status, _, said = run(shop, "up", "production", "--yes", conversation=[PREVIEW, locked])

    assert status == 1
    assert "ana@build-7" in said
    assert "platformctl state cancel production" in said


def test_a_mandatory_policy_ends_with_status_five_and_its_words(shop):
    violated = {
        "resourceUrn": URN,
        "message": "databases are encrypted",
        "color": "never",
        "policyName": "rds-storage-encrypted",
        "policyPackName": "platform",
        "policyPackVersion": "1",
        "policyPackVersionTag": "1",
        "enforcementLevel": "mandatory",
    }
    event = {"sequence": 1, "timestamp": 1, "policyEvent": violated}
    refused = answer("preview --policy-pack policies", code=5, events=[event])
    status, _, said = run(
        shop, "up", "production", "--yes", "--policy-pack", "policies", conversation=[refused]
    )

    assert status == 5
    assert "rds-storage-encrypted: databases are encrypted" in said


def test_our_own_policies_refuse_a_preview_before_anybody_is_asked(shop):
    naked = answer("preview", events=[step("update", tags={}), summary(update=1)])
    status, _, said = run(shop, "up", "production", "--yes", conversation=[naked, UP])

    assert status == 5
    assert "the policies refuse production" in said
    assert "up --yes --skip-preview" not in asked(shop)
