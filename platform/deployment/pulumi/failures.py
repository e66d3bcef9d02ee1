"""What the official CLI says when it fails, and the error of ours that each of it is.

The CLI tells failures by its exit status and by English sentences. `SAYINGS` is the one place that
knows these sentences, most telling first; what none of them matches is told by the exit status.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from platformctl.engine.program.process import ProgramError
from platformctl.errors import (
    AuthenticationError,
    CancelledError,
    ConfigurationError,
    InvocationError,
    LockedError,
    OperationTimeoutError,
    PlatformError,
    PolicyViolationError,
    ResourceError,
    StackNotFoundError,
    StateError,
    UnexpectedChangesError,
)


class PulumiError(PlatformError):
    """The official CLI or a plugin is missing, does not fit, or failed for no known reason."""

    code = "pulumi"


@dataclass(frozen=True)
class Saying:
    """One way of the CLI to say what went wrong.

    Attributes:
        pattern: What it says; named groups can be used in the texts below.
        error: The error it is.
        what: What happened; `{stack}` is the environment.
        why: Why; the CLI's own words where empty.
        remedy: The command that helps.
    """

    pattern: re.Pattern[str]
    error: type[PlatformError]
    what: str
    why: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A command of the CLI that failed.

    Attributes:
        verb: What was asked of it, such as `up` or `stack export`.
        stack: The environment.
        code: Exit status.
        stdout: What it wrote.
        stderr: What it complained about.
        diagnostics: Error messages of its engine, one for each thing that failed.
    """

    verb: str
    stack: str
    code: int
    stdout: str = ""
    stderr: str = ""
    diagnostics: Sequence[str] = field(default=())


def _says(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_STATE = "cannot open the state of {stack}"
_KEY = "cannot unseal the secrets of {stack}"
_AWS = "AWS refused the credentials for {stack}"
_SIGN_IN = "aws sso login, or set AWS_PROFILE to a profile that may deploy {stack}"

SAYINGS = (
    Saying(
        _says(r"no stack named '?(?P<name>[^'\s]+)'? found"),
        StackNotFoundError,
        "there is no stack {name} in the state backend",
        "nothing was deployed under this name yet",
        "platformctl up {stack}",
    ),
    Saying(
        _says(
            r"currently locked by[\s\S]*created by (?P<who>\S+) \(pid (?P<pid>\d+)\) at (?P<at>\S+)"
        ),
        LockedError,
        "{stack} is locked",
        "{who} has been at work on it since {at} (process {pid})",
        "platformctl state cancel {stack}   if that process is gone",
    ),
    Saying(
        _says(r"currently locked by|another update is currently in progress"),
        LockedError,
        "{stack} is locked",
        "somebody else is at work on it",
        "platformctl state cancel {stack}   if that work was killed",
    ),
    Saying(
        _says(r"incorrect passphrase"),
        AuthenticationError,
        _KEY,
        "the passphrase in PULUMI_CONFIG_PASSPHRASE is not the one they were sealed with",
    ),
    Saying(
        _says(r"passphrase must be set"),
        AuthenticationError,
        _KEY,
        "there is no passphrase",
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or move to a KMS key: "
        "platformctl bootstrap {stack}",
    ),
    Saying(
        _says(
            r"(operation error|api error) KMS[\s\S]*?"
            r"(?P<reason>\w*(Denied|Disabled|NotFound|Invalid)\w*)"
        ),
        AuthenticationError,
        _KEY,
        "KMS answered {reason}",
        "ask for kms:Decrypt on the key that Pulumi.{stack}.yaml names as its secretsprovider",
    ),
    Saying(
        _says(
            r"(?P<reason>ExpiredToken\w*|token included in the request is expired|RequestExpired)"
        ),
        AuthenticationError,
        _AWS,
        "they have expired ({reason})",
        _SIGN_IN,
    ),
    Saying(
        _says(
            r"(?P<reason>InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient\w*|"
            r"InvalidAccessKeyId|AuthFailure)"
        ),
        AuthenticationError,
        _AWS,
        "they are not valid ({reason})",
        _SIGN_IN,
    ),
    Saying(
        _says(
            r"no valid credential sources|failed to refresh cached credentials|"
            r"NoCredentialProviders|unable to locate credentials|no EC2 IMDS role found"
        ),
        AuthenticationError,
        "there are no AWS credentials for {stack}",
        "neither the environment nor a profile has any",
        _SIGN_IN,
    ),
    Saying(
        _says(r"PULUMI_ACCESS_TOKEN must be set"),
        ConfigurationError,
        "there is nowhere to keep the state of {stack}",
        "neither PULUMI_BACKEND_URL nor Pulumi.yaml names a backend",
        "platformctl bootstrap {stack}",
    ),
    Saying(
        _says(r"NoSuchBucket|bucket does not exist"),
        StateError,
        _STATE,
        "its bucket does not exist",
        "platformctl bootstrap {stack}",
    ),
    Saying(
        _says(r"\.pulumi/[\s\S]*(AccessDenied|StatusCode: 403)"),
        AuthenticationError,
        _STATE,
        "AWS denies access to its bucket",
        "ask for the deploy role that platformctl bootstrap {stack} made",
    ),
    Saying(
        _says(
            r"(could not find latest version for provider|no resource plugin|"
            r"failed to (install|load) plugin|could not (find|load) plugin( for)?)"
            r"[ :']*(pulumi-resource-)?(?P<plugin>[\w-]+)"
        ),
        PulumiError,
        "a plugin of Pulumi is missing",
        "the resource plugin {plugin!r} is not installed and could not be downloaded",
        "pulumi plugin install resource {plugin}",
    ),
    Saying(
        _says(r"no changes were expected"),
        UnexpectedChangesError,
        "{stack} is not what it was expected to be",
        "there are changes",
        "platformctl preview {stack} --diff",
    ),
    Saying(
        _says(r"(update|preview|refresh|destroy|operation) cancell?ed"),
        CancelledError,
        "cancelled",
        "you pressed Ctrl-C; what was done so far is recorded",
        "run the same command again to go on",
    ),
    Saying(
        _says(r"failed with an unhandled exception|program exited with non-zero exit code"),
        ProgramError,
        "the program failed",
        "",
        "its messages above say where",
    ),
    Saying(
        _says(r"(\.pulumi/|s3)[\s\S]*(?P<reason>no such host|connection refused|i/o timeout)"),
        StateError,
        _STATE,
        "its backend cannot be reached: {reason}",
        "check the network, or look at it without one: platformctl preview {stack} --offline",
    ),
)

STATUSES: dict[int, tuple[type[PlatformError], str]] = {
    2: (InvocationError, "Pulumi does not understand what it was asked for {stack}"),
    3: (AuthenticationError, "access to {stack} was refused"),
    4: (ResourceError, "not everything of {stack} could be deployed"),
    5: (PolicyViolationError, "a mandatory policy forbids this for {stack}"),
    6: (StackNotFoundError, "there is no stack {stack} in the state backend"),
    7: (UnexpectedChangesError, "{stack} is not what it was expected to be"),
    8: (CancelledError, "cancelled"),
    9: (OperationTimeoutError, "{stack} took longer than it may"),
}
"""Error by exit status, where the CLI's words tell nothing more precise."""

_ERROR_LINE = re.compile(r"^\s*error: (.+)$", re.MULTILINE)
_WORDY = {4, 5}
"""Exit statuses that say more than any sentence: the engine's own diagnostics are the reason."""


def explain(failure: Failure) -> PlatformError:
    """Return the error of ours for a failed command of the CLI."""
    words = "\n".join((failure.stderr, *failure.diagnostics, failure.stdout))
    if failure.code not in _WORDY:
        for saying in SAYINGS:
            if found := saying.pattern.search(words):
                return _told(saying, found, failure)
    why = "; ".join(_reasons(failure)) or f"it ended with status {failure.code}"
    if failure.code in STATUSES:
        kind, what = STATUSES[failure.code]
        return kind(what.format(stack=failure.stack), why=why)
    if failure.diagnostics and failure.verb in ("up", "destroy", "refresh"):
        kind, what = STATUSES[ResourceError.exit_code]
        return kind(what.format(stack=failure.stack), why=why)
    return PulumiError(f"pulumi {failure.verb} failed for {failure.stack}", why=why)


def _told(saying: Saying, found: re.Match[str], failure: Failure) -> PlatformError:
    known = {"stack": failure.stack, **found.groupdict()}
    why = saying.why.format(**known) or "; ".join(_reasons(failure))
    return saying.error(saying.what.format(**known), why=why, remedy=saying.remedy.format(**known))


def _reasons(failure: Failure) -> list[str]:
    """Return what the CLI complained about: the engine's diagnostics, else its error lines."""
    said = [message.strip() for message in failure.diagnostics] or _ERROR_LINE.findall(
        f"{failure.stderr}\n{failure.stdout}"
    )
    return list(dict.fromkeys(line.removeprefix("error: ") for line in said if line))
