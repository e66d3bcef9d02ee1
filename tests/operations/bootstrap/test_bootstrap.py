"""A bootstrap really makes what it says, in a real local region; a second one changes nothing."""

import itertools
import json

import pytest
from botocore.exceptions import ClientError

from platformctl.deployment.project import Project
from platformctl.errors import ConfigurationError, InvocationError
from platformctl.operations.bootstrap.run import carry_out, parts, plan
from platformctl.operations.bootstrap.target import ISSUER, Target

NUMBERS = itertools.count()


@pytest.fixture
def target():
    """Return a project of its own for each test, so that none finds what another made."""
    return Target(
        project=f"shop{next(NUMBERS)}",
        environment="production",
        account="000000000000",
        region="us-east-1",
        recovery_region="us-west-2",
        repository="acme/shop",
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop # ours\nruntime: python\n")
    (tmp_path / "Pulumi.production.yaml").write_text("# production\nconfig:\n  shop:a: 1\n")
    return Project(tmp_path)


def boot(region, target, project=None):
    """Bootstrap and return what was done, as pairs (part, action)."""
    done = carry_out(parts(target, region.client, project), lambda _: None)
    return [(each.part, each.action.value) for each in done]


def test_everything_is_made_and_the_second_run_finds_nothing_to_do(region, target, project):
    planned = plan(parts(target, region.client, project))
    done = boot(region, target, project)

    assert [each.part for each in planned] == [part for part, _ in done]
    assert {action for _, action in done} == {"create"}
    assert plan(parts(target, region.client, project)) == []
    assert boot(region, target, project) == []


def test_a_plan_changes_nothing(region, target, project):
    before = {path: path.read_text() for path in project.root.iterdir()}

    plan(parts(target, region.client, project))

    with pytest.raises(ClientError, match="404"):
        region.client("s3").head_bucket(Bucket=target.bucket)
    assert {path: path.read_text() for path in project.root.iterdir()} == before


def test_the_state_bucket_is_versioned_encrypted_private_and_tls_only(region, target):
    boot(region, target)
    s3 = region.client("s3")
    bucket = target.bucket

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    key = region.client("kms").describe_key(KeyId=target.state_alias)["KeyMetadata"]["Arn"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(access.values()) == {True}
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert {"Bool": {"aws:SecureTransport": "false"}} in [
        statement["Condition"] for statement in policy["Statement"]
    ]
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Deny"}


def test_a_state_written_to_the_bucket_keeps_its_former_versions(region, target):
    boot(region, target)
    s3 = region.client("s3")
    for content in (b"first", b"second"):
        s3.put_object(Bucket=target.bucket, Key=".pulumi/stacks/shop.json", Body=content)

    versions = s3.list_object_versions(Bucket=target.bucket)["Versions"]

    assert len(versions) == 2


def test_keys_are_rotated_and_each_environment_has_its_own_for_secrets(region, target):
    boot(region, target)
    kms = region.client("kms")
    keys = {
        alias: kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
        for alias in (target.state_alias, target.secrets_alias)
    }

    assert len(set(keys.values())) == 2
    assert all(
        kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] for key in keys.values()
    )


def test_the_deploy_role_trusts_the_repositorys_environment_alone(region, target):
    boot(region, target)
    role = region.client("iam").get_role(RoleName=target.role)["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"]["StringEquals"] == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "repo:acme/shop:environment:production",
    }


def test_the_deploy_role_cannot_lose_the_state_or_widen_itself(region, target):
    boot(region, target)
    found = region.client("iam").get_role_policy(RoleName=target.role, PolicyName="deploy")
    denied = {
        statement["Sid"]: statement
        for statement in found["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    }

    assert f"arn:aws:s3:::{target.bucket}" in denied["StateStays"]["Resource"]
    assert denied["NotItself"]["Resource"].endswith(f":role/{target.role}")
    assert "kms:ScheduleKeyDeletion" in denied["KeysStay"]["Action"]


DRIFTS = {
    "its versions are not kept": lambda region, target: region.client("s3").put_bucket_versioning(
        Bucket=target.bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    "public access is not blocked": lambda region, target: region.client(
        "s3"
    ).delete_public_access_block(Bucket=target.bucket),
    "it can be reached without TLS": lambda region, target: region.client(
        "s3"
    ).delete_bucket_policy(Bucket=target.bucket),
    "former versions are kept for ever": lambda region, target: region.client(
        "s3"
    ).delete_bucket_lifecycle(Bucket=target.bucket),
    "it is not rotated": lambda region, target: region.client("kms").disable_key_rotation(
        KeyId=region.client("kms").describe_key(KeyId=target.secrets_alias)["KeyMetadata"]["KeyId"]
    ),
    "it does not trust acme/shop alone": lambda region, target: region.client(
        "iam"
    ).update_assume_role_policy(
        RoleName=target.role, PolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    ),
    "it may not do what a deployment does, or more": lambda region, target: region.client(
        "iam"
    ).delete_role_policy(RoleName=target.role, PolicyName="deploy"),
}


@pytest.mark.parametrize("detail", DRIFTS)
def test_what_has_drifted_is_found_and_repaired(region, target, detail):
    boot(region, target)
    DRIFTS[detail](region, target)

    (difference,) = plan(parts(target, region.client, None))
    assert (difference.action.value, difference.detail) == ("repair", detail)
    boot(region, target)

    assert plan(parts(target, region.client, None)) == []


def test_the_files_name_backend_and_key_and_keep_their_comments(region, target, project):
    boot(region, target, project)

    assert (project.root / "Pulumi.yaml").read_text() == (
        "name: shop # ours\nruntime: python\n"
        f"backend:\n  url: s3://{target.bucket}?region=us-east-1\n"
    )
    assert (project.root / "Pulumi.production.yaml").read_text() == (
        "# production\nconfig:\n  shop:a: 1\n"
        f"secretsprovider: awskms://{target.secrets_alias}?region=us-east-1\n"
    )


def test_another_backend_is_not_overwritten(region, target, project):
    (project.root / "Pulumi.yaml").write_text("name: shop\nbackend: {url: 's3://elsewhere'}\n")

    with pytest.raises(ConfigurationError, match="s3://elsewhere"):
        plan(parts(target, region.client, project))


def test_secrets_that_are_sealed_with_a_passphrase_are_not_orphaned(region, target, project):
    project.stack_file("production").write_text("encryptionsalt: v1:abc\n")

    with pytest.raises(ConfigurationError, match="passphrase") as caught:
        plan(parts(target, region.client, project))

    assert "change-secrets-provider" in caught.value.remedy


def test_without_a_repository_there_is_no_role(region, target):
    without = Target(
        project=target.project, environment="production", account=target.account, region="us-east-1"
    )

    assert {part for part, _ in boot(region, without)} == {
        "state key",
        "state bucket",
        "secrets key",
    }


@pytest.mark.parametrize("repository", ["shop", "acme/", "acme/shop/x", "a b/c"])
def test_a_repository_that_cannot_be_is_refused(repository):
    with pytest.raises(InvocationError, match="owner/name"):
        Target(
            project="shop",
            environment="dev",
            account="000000000000",
            region="us-east-1",
            repository=repository,
        )
