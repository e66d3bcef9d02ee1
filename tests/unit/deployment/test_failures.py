"""What the official CLI says becomes the right error, exit status and remedy."""

import pytest

from platformctl.deployment.pulumi.failures import (
    SAYINGS,
    STATUSES,
    Failure,
    PulumiError,
    explain,
)
from platformctl.errors import (
    AuthenticationError,
    ConfigurationError,
    LockedError,
    PolicyViolationError,
    ResourceError,
    StackNotFoundError,
    StateError,
    UnexpectedChangesError,
)

S3 = 'error: read ".pulumi/meta.yaml": blob (key ".pulumi/meta.yaml") (code=Unknown): '
SAID = [
    # (what stderr says, exit status of the CLI, our error, words of ours, words of the remedy)
    (
        (
            "error: the stack is currently locked by 1 lock(s). Either wait for the other "
            "process(es) to end or delete the lock file with `pulumi cancel`.\n"
            "  s3://state/.pulumi/locks/x.json: created by ana@build-7 (pid 31208) at "
            "2026-11-21T14:19:23Z"
        ),
        1,
        LockedError,
        "ana@build-7 has been at work on it since 2026-11-21T14:19:23Z (process 31208)",
        "platformctl state cancel shop",
    ),
    ("error: no stack named 'shop' found", 6, StackNotFoundError, "shop", "platformctl up shop"),
    (
        "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
        1,
        AuthenticationError,
        "PULUMI_CONFIG_PASSPHRASE",
        "",
    ),
    (
        (
            "error: get stack secrets manager: passphrase must be set with "
            "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"
        ),
        1,
        AuthenticationError,
        "there is no passphrase",
        "platformctl bootstrap shop",
    ),
    (
        S3 + "operation error S3: GetObject, get identity: get credentials: failed to refresh "
        "cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata",
        1,
        AuthenticationError,
        "there are no AWS credentials for shop",
        "aws sso login",
    ),
    (
        S3 + "operation error S3: GetObject, https response error StatusCode: 400, api error "
        "ExpiredToken: The provided token has expired.",
        1,
        AuthenticationError,
        "expired (ExpiredToken)",
        "aws sso login",
    ),
    (
        S3 + "operation error S3: GetObject, https response error StatusCode: 403, api error "
        "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.",
        1,
        AuthenticationError,
        "not valid (InvalidAccessKeyId)",
        "AWS_PROFILE",
    ),
    (
        S3 + "operation error S3: GetObject, https response error StatusCode: 403, api error "
        "AccessDenied: Access Denied",
        1,
        AuthenticationError,
        "AWS denies access to its bucket",
        "deploy role",
    ),
    (
        S3 + "operation error S3: GetObject, https response error StatusCode: 404, NoSuchBucket: "
        "The specified bucket does not exist",
        1,
        StateError,
        "its bucket does not exist",
        "platformctl bootstrap shop",
    ),
    (
        S3 + 'operation error S3: GetObject, request send failed, Get "https://state.s3.amazonaws'
        '.com/": dial tcp: lookup state.s3.amazonaws.com: no such host',
        1,
        StateError,
        "its backend cannot be reached: no such host",
        "--offline",
    ),
    (
        (
            "error: secrets (code=PermissionDenied): operation error KMS: Decrypt, https response "
            "error StatusCode: 400, AccessDeniedException: the ciphertext refers to a key"
        ),
        1,
        AuthenticationError,
        "KMS answered AccessDeniedException",
        "kms:Decrypt",
    ),
    (
        "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
        1,
        ConfigurationError,
        "nowhere to keep the state of shop",
        "platformctl bootstrap shop",
    ),
    (
        (
            "error: could not find latest version for provider aws: Get https://api.github.com: no "
            "such host"
        ),
        1,
        PulumiError,
        "'aws' is not installed",
        "pulumi plugin install resource aws",
    ),
    (
        (
            "error: no resource plugin 'pulumi-resource-random' found in the workspace or on your "
            "$PATH"
        ),
        1,
        PulumiError,
        "'random' is not installed",
        "pulumi plugin install resource random",
    ),
    (
        "error: no changes were expected for preview but changes were proposed",
        7,
        UnexpectedChangesError,
        "there are changes",
        "platformctl preview shop --diff",
    ),
]


@pytest.mark.parametrize(("said", "code", "kind", "words", "remedy"), SAID)
def test_a_sentence_of_the_cli_becomes_the_error_it_is(said, code, kind, words, remedy):
    error = explain(Failure(verb="up", stack="shop", code=code, stderr=said))

    assert type(error) is kind
    assert words in str(error)
    assert remedy in error.remedy


@pytest.mark.parametrize("code", STATUSES)
def test_what_no_sentence_tells_is_told_by_the_exit_status(code):
    error = explain(Failure(verb="up", stack="shop", code=code, stderr="error: something new"))

    assert error.exit_code == code
    assert "something new" in str(error)


def test_a_failure_of_several_resources_names_every_reason_once():
    reasons = ("creating a: quota exceeded\n", "creating b: access denied\n")
    error = explain(Failure(verb="up", stack="shop", code=4, diagnostics=(*reasons, reasons[0])))

    assert isinstance(error, ResourceError)
    assert error.why == "creating a: quota exceeded; creating b: access denied"


def test_a_policy_that_speaks_of_credentials_is_still_a_policy_violation():
    said = "no-static-keys: unable to locate credentials of a role"
    error = explain(Failure(verb="preview", stack="shop", code=5, diagnostics=(said,)))

    assert isinstance(error, PolicyViolationError)
    assert said in error.why


def test_an_unknown_failure_carries_the_words_of_the_cli():
    error = explain(Failure(verb="stack export", stack="shop", code=1, stderr="error: odd thing"))

    assert type(error) is PulumiError
    assert str(error) == "pulumi stack export failed for shop: odd thing"


def test_every_text_of_the_table_can_be_filled_from_what_its_pattern_finds():
    for saying in SAYINGS:
        known = dict.fromkeys(("stack", *saying.pattern.groupindex), "x")
        for text in (saying.what, saying.why, saying.remedy):
            text.format(**known)
