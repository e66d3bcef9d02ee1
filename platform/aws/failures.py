"""What a failure of a call to AWS means: one table."""

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

from platformctl.errors import AuthenticationError, PlatformError


class Meaning(Enum):
    """What an exception out of a call means."""

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


def as_platform_error(error: BaseException) -> PlatformError:
    """Return an exception of botocore as an error with a name."""
    found = meaning(error)
    if found is Meaning.CREDENTIALS:
        return AuthenticationError(
            "AWS refuses the credentials", why=str(error), remedy="log in again: aws sso login"
        )
    what = "AWS does not answer" if found is Meaning.TRANSIENT else "AWS refused a call"
    return PlatformError(what, why=str(error))
