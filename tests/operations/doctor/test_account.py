"""An account is looked at through the calls that a deployment makes: a real region answers."""

import itertools

import pytest

from platformctl.cost.resources import Plan, Resource
from platformctl.deployment.project import Project
from platformctl.errors import AuthenticationError, StateError
from platformctl.operations.doctor import account
from platformctl.operations.doctor.examine import examine_account
from platformctl.operations.doctor.finding import Verdict
from platformctl.operations.doctor.quotas import quotas

HERE, THERE = "us-east-1", "us-west-2"
NUMBERS = itertools.count()


@pytest.fixture
def project(tmp_path):
    """Return what makes a project with a backend and a secrets provider."""

    def make(backend="", provider=""):
        (tmp_path / "Pulumi.yaml").write_text(
            "name: shop\nruntime: python\n"
            + (f"backend: {{url: '{backend}'}}\n" if backend else "")
        )
        (tmp_path / "Pulumi.production.yaml").write_text(
            f"secretsprovider: '{provider}'\n" if provider else "config: {}\n"
        )
        return Project(tmp_path)

    return make


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in (account.BACKEND, *account.PASSPHRASES):
        monkeypatch.delenv(name, raising=False)


def addresses(count):
    """Return a plan with so many Elastic IP addresses in each of two regions."""
    elsewhere = Resource(
        urn="urn::pulumi:providers:aws::west",
        type="pulumi:providers:aws",
        inputs={"region": THERE},
    )
    made = [
        Resource(
            urn=f"urn::eip::{place}{number}",
            type="aws:ec2/eip:Eip",
            inputs={},
            provider=f"{elsewhere.urn}::id" if place == THERE else "",
        )
        for place in (HERE, THERE)
        for number in range(count)
    ]
    return Plan((elsewhere, *made))


def test_it_tells_whose_the_credentials_are(region):
    found = next(account.credentials(region.client, HERE))

    assert found.verdict is Verdict.OK
    assert found.detail.startswith("account 000000000000 as arn:aws:")


def test_a_state_is_looked_for_where_the_project_keeps_it(region, project):
    name = f"shop-state-{next(NUMBERS)}"
    kept = project(backend=f"s3://{name}?region={THERE}")

    missing = next(account.state(kept, "production", region.client, HERE))
    assert (missing.detail, missing.remedy) == (
        f"there is no bucket {name}",
        "platformctl bootstrap production",
    )
    region.client("s3", THERE).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": THERE}
    )
    assert next(account.state(kept, "production", region.client, HERE)).verdict is Verdict.OK


def test_a_state_without_a_place_leads_to_bootstrap(region, project):
    found = next(account.state(project(), "production", region.client, HERE))

    assert found.failed
    assert found.remedy == "platformctl bootstrap production"


def test_the_key_of_the_secrets_must_be_there_and_usable(region, project):
    kms = region.client("kms")
    alias = f"alias/shop-secrets-{next(NUMBERS)}"
    sealed = project(provider=f"awskms://{alias}?region={HERE}")

    missing = next(account.secrets(sealed, "production", region.client, HERE))
    assert missing.detail == f"there is no key {alias}"
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    assert next(account.secrets(sealed, "production", region.client, HERE)).verdict is Verdict.OK
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    doomed = next(account.secrets(sealed, "production", region.client, HERE))
    assert (doomed.verdict, doomed.detail) == (Verdict.FAILURE, f"key {alias} is PendingDeletion")


def test_without_a_key_a_passphrase_seals_the_secrets(region, project, monkeypatch):
    sealed = project()

    assert next(account.secrets(sealed, "production", region.client, HERE)).failed
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "s3cret")
    found = next(account.secrets(sealed, "production", region.client, HERE))
    assert (found.verdict, found.detail) == (Verdict.OK, "sealed with PULUMI_CONFIG_PASSPHRASE")


def test_a_quota_that_is_too_small_is_a_failure_in_its_region_until_it_is_raised(region):
    found = list(quotas(addresses(6), region.client, HERE))

    assert [each.check for each in found if each.failed] == [
        f"Elastic IP addresses in {HERE}",
        f"Elastic IP addresses in {THERE}",
    ]
    assert found[0].detail == "6 are needed; the quota is 5"
    assert found[0].remedy == (
        "aws service-quotas request-service-quota-increase --service-code ec2 "
        f"--quota-code L-0263D0A3 --desired-value 8 --region {HERE}"
    )
    region.client("service-quotas", THERE).request_service_quota_increase(
        ServiceCode="ec2", QuotaCode="L-0263D0A3", DesiredValue=8
    )
    again = list(quotas(addresses(6), region.client, HERE))
    assert [each.check for each in again if each.failed] == [f"Elastic IP addresses in {HERE}"]


def test_a_quota_that_is_nearly_used_up_is_worth_a_warning(region):
    found = list(quotas(addresses(5), region.client, HERE))

    assert found[0].verdict is Verdict.WARNING
    assert found[-1].verdict is Verdict.OK


def test_credentials_that_are_refused_are_told_once_and_nothing_else_is_asked(project):
    def refused():
        raise AuthenticationError("there are no AWS credentials", remedy="aws sso login")

    def never():
        raise StateError("a plan was made for nothing")

    found = examine_account(project(), "production", HERE, refused, never)

    told = {each.check: each for each in found}
    assert (told["credentials"].detail, told["credentials"].remedy) == (
        "there are no AWS credentials",
        "aws sso login",
    )
    assert not told.keys() & {"state", "secrets", "quotas"}
