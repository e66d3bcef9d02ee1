"""What a failure means for an operation: one table for what AWS says, three errors for steps."""

from collections.abc import Mapping
from enum import Enum

from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004  # botocore's name
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from platformctl.errors import PlatformError


class StepFailedError(PlatformError):
    """A check said no: the operation is undone."""

    code = "step-failed"


class StepTimeoutError(StepFailedError):
    """A check did not say yes in time: the operation is undone, and has timed out."""

    exit_code = 9
    code = "step-timeout"


class InconclusiveError(PlatformError):
    """Neither yes nor no can be said: the operation pauses where it is. Not knowing is no pass."""

    code = "inconclusive"


class Meaning(Enum):
    """What an exception out of a step means."""

    TRANSIENT = "transient"
    CREDENTIALS = "credentials"
    DENIED = "denied"
    OTHER = "other"


_CODES: Mapping[Meaning, frozenset[str]] = {
    Meaning.CREDENTIALS: frozenset(
        {
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        }
    ),
    Meaning.DENIED: frozenset(
        {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
    ),
    Meaning.TRANSIENT: frozenset(
        {
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "LimitExceededException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "ServiceUnavailable",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TransactionCanceledException",
            "TransactionInProgressException",
        }
    ),
}
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
_SERVER_ERROR = 500


def meaning(error: BaseException) -> Meaning:
    """Return what an exception means."""
    if isinstance(error, _NO_CREDENTIALS):
        return Meaning.CREDENTIALS
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return Meaning.TRANSIENT
    if not isinstance(error, ClientError):
        return Meaning.OTHER
    code = error.response.get("Error", {}).get("Code", "")
    for found, codes in _CODES.items():
        if code in codes:
            return found
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Meaning.TRANSIENT if status >= _SERVER_ERROR else Meaning.OTHER
