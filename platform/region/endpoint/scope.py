"""Which service and region a request is for: what its signature says.

AWS answers a few things unsigned: reading public objects, taking on a role with a token, signing
in users. Those pass; anything else that is not signed is refused, because an emulator would take
it for S3 and answer with success.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from platformctl.region.endpoint.server import Request

DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(
    r"Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", re.IGNORECASE
)
_BUCKET_PATH = re.compile(r"/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/|$)")
_AWS_DATA_HOST = re.compile(
    r"(^|\.)(s3|s3-website|lambda-url|execute-api|cloudfront)([.-]|$)", re.IGNORECASE
)
_UNSIGNED_TARGETS = ("AWSCognitoIdentityProviderService.", "AWSCognitoIdentityService.")
_UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")


@dataclass(frozen=True)
class Scope:
    """Where a request belongs.

    Attributes:
        service: Service name in the credential scope, such as `elasticloadbalancing`.
        region: Region name in the credential scope.
    """

    service: str
    region: str


class UnsignedError(Exception):
    """A request that has to be signed is not."""


class UnknownHostError(Exception):
    """A request without a signature names a host that the region does not serve."""


def scope_of(request: Request, hosts: frozenset[str]) -> Scope:
    """Return where a request belongs.

    Args:
        request: The request; its body is not looked at.
        hosts: Names that the endpoint itself has, without port.

    Raises:
        UnsignedError: It is not signed and AWS would not answer it unsigned.
        UnknownHostError: It is not signed and is for somebody else.
    """
    query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
    for text in (
        request.headers.get("authorization", ""),
        f"Credential={query.get('X-Amz-Credential', '')}",
    ):
        match = _CREDENTIAL.search(text)
        if match:
            return Scope(match[3].lower(), match[2].lower())
    if _signed_for_s3_the_old_way(request, query):
        return Scope("s3", DEFAULT_REGION)
    return _unsigned(request, query, hosts)


def _signed_for_s3_the_old_way(request: Request, query: dict[str, str]) -> bool:
    presigned = "AWSAccessKeyId" in query and "Signature" in query
    return presigned or request.headers.get("authorization", "").startswith("AWS ")


def _unsigned(request: Request, query: dict[str, str], hosts: frozenset[str]) -> Scope:
    host = _host(request)
    if _AWS_DATA_HOST.search(host):
        return Scope("s3", DEFAULT_REGION)
    if host not in hosts:
        raise UnknownHostError(host)
    if request.headers.get("x-amz-target", "").startswith(_UNSIGNED_TARGETS):
        return Scope("cognito-idp", DEFAULT_REGION)
    if query.get("Action") in _UNSIGNED_ACTIONS:
        return Scope("sts", DEFAULT_REGION)
    if _BUCKET_PATH.match(urlsplit(request.target).path) and "x-amz-target" not in request.headers:
        return Scope("s3", DEFAULT_REGION)
    raise UnsignedError


def _host(request: Request) -> str:
    host = request.headers.get("host", "")
    return (host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]).lower()
