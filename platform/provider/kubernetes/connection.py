"""How to reach a cluster: from a kubeconfig to answers of its API server.

The engine that uses this provider works on this machine alone, so a server that is not on loopback
is refused, and a token of `aws eks get-token` is made here, signed with the local region's
credentials instead of anybody's own.
"""

import base64
import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import yaml

from platformctl.aws.clients import require_loopback
from platformctl.errors import RegionError
from platformctl.plugin.provider import ResourceOperationError

TOKEN_SECONDS = 600.0
TIMEOUT_SECONDS = 60.0
APPLY = "application/apply-patch+yaml"


class StatusError(Exception):
    """The API server refused.

    Attributes:
        code: HTTP status.
        reason: Kubernetes' word, such as `NotFound`.
        message: What it said.
    """

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class Place:
    """Where a cluster is, and who one is there.

    Attributes:
        server: URL of the API server.
        authority: Certificates in PEM form that its own must come from.
        token: Token, where the kubeconfig has one.
        cluster: Name of the EKS cluster and its region, where AWS gives the token.
    """

    server: str
    authority: str
    token: str = ""
    cluster: tuple[str, str] | None = None


def place_of(kubeconfig: str, context: str = "") -> Place:
    """Read a kubeconfig.

    Raises:
        ResourceOperationError: It cannot be read, or logs in in a way that means nothing here.
    """
    try:
        document = yaml.safe_load(kubeconfig)
        chosen = _named(document, "contexts", context or document["current-context"])["context"]
        cluster = _named(document, "clusters", chosen["cluster"])["cluster"]
        user = _named(document, "users", chosen["user"])["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    except (yaml.YAMLError, KeyError, TypeError, ValueError, StopIteration) as error:
        raise ResourceOperationError(f"the kubeconfig cannot be read: {error!r}") from error
    if user.get("token"):
        return Place(cluster["server"], authority, token=user["token"])
    arguments: list[str] = list((user.get("exec") or {}).get("args") or ())
    if "get-token" not in arguments:
        raise ResourceOperationError(
            "the kubeconfig logs in neither with a token nor with `aws eks get-token`"
        )
    name = arguments[arguments.index("--cluster-name") + 1]
    region = arguments[arguments.index("--region") + 1]
    return Place(cluster["server"], authority, cluster=(name, region))


def _named(document: Mapping[str, Any], section: str, name: str) -> Mapping[str, Any]:
    return next(entry for entry in document[section] if entry["name"] == name)


class Connection:
    """A connection to one API server; used by several threads at once.

    Raises:
        ResourceOperationError: The server is not on this machine.
    """

    def __init__(self, place: Place) -> None:
        import urllib3  # noqa: PLC0415  # previews need no network

        try:
            require_loopback(place.server)
        except RegionError as error:
            raise ResourceOperationError(f"{error.what}: {error.why}") from error
        self._place = place
        trust = ssl.create_default_context(cadata=place.authority)
        self._pool = urllib3.PoolManager(
            maxsize=16, ssl_context=trust, timeout=TIMEOUT_SECONDS, retries=2
        )
        self._lock = threading.Lock()
        self._token, self._until = place.token, float("inf") if place.token else 0.0

    def get(self, path: str) -> dict[str, Any] | None:
        """Return an object, None where there is none.

        Raises:
            StatusError: The server refused.
        """
        try:
            return self._ask("GET", path)
        except StatusError as error:
            if error.code == 404:
                return None
            raise

    def apply(
        self, path: str, document: Mapping[str, Any], manager: str, *, force: bool
    ) -> dict[str, Any]:
        """Apply an object: what `manager` says about it from now on.

        Raises:
            StatusError: The server refused, or another manager says otherwise.
        """
        query = f"?fieldManager={manager}&force={'true' if force else 'false'}"
        return self._ask("PATCH", path + query, document, APPLY)

    def delete(self, path: str, propagation: str) -> None:
        """Delete an object; one that is gone already is fine.

        Raises:
            StatusError: The server refused.
        """
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        try:
            self._ask("DELETE", path, options)
        except StatusError as error:
            if error.code != 404:
                raise

    def _ask(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> dict[str, Any]:
        import urllib3  # noqa: PLC0415  # as above

        headers = {"Authorization": f"Bearer {self._bearer()}", "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = json.dumps(body).encode()
        try:
            answer = self._pool.request(
                method, self._place.server + path, body=data, headers=headers
            )
        except urllib3.exceptions.HTTPError as error:
            raise ResourceOperationError(
                f"the API server at {self._place.server} does not answer: {error}"
            ) from error
        document = json.loads(answer.data or b"{}")
        if answer.status >= 400:
            raise StatusError(
                answer.status, document.get("reason", ""), document.get("message", "no message")
            )
        return document

    def _bearer(self) -> str:
        with self._lock:
            if monotonic() > self._until:
                self._token = token(*(self._place.cluster or ("", "")))
                self._until = monotonic() + TOKEN_SECONDS
            return self._token


def token(cluster: str, region: str) -> str:
    """Return a token as `aws eks get-token` makes it: a signed question who one is.

    Args:
        cluster: Name of the cluster, which the signature covers.
        region: Region of the question.
    """
    from botocore.credentials import Credentials  # noqa: PLC0415  # previews need no SDK
    from botocore.hooks import HierarchicalEmitter  # noqa: PLC0415
    from botocore.model import ServiceId  # noqa: PLC0415
    from botocore.signers import RequestSigner  # noqa: PLC0415

    credentials = Credentials("local", "local")  # the local region checks no signature
    events = HierarchicalEmitter()  # the signer itself keeps no hold of it
    signer = RequestSigner(ServiceId("STS"), region, "sts", "v4", credentials, events)
    question = f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    url = signer.generate_presigned_url(
        {
            "method": "GET",
            "url": question,
            "body": {},
            "headers": {"x-k8s-aws-id": cluster},
            "context": {},
        },
        operation_name="GetCallerIdentity",
        expires_in=60,
        region_name=region,
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(str(url).encode()).decode().rstrip("=")
