"""The API of a cluster in EKS, for whoever may use it.

Everything needed to connect comes from EKS itself; the token is what `aws eks get-token` makes: a
signed question to AWS who one is, which the cluster asks in its turn.
"""

import base64
import json
import ssl
import threading
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from platformctl.aws.clients import Clients
from platformctl.errors import AuthenticationError, ResourceError

if TYPE_CHECKING:
    from urllib3 import Retry

TOKEN_SECONDS = 600.0
TIMEOUT_SECONDS = 30.0
SAID = 300
"""Bytes that are told of a refusal without a message."""
ATTEMPTS, FIRST_PAUSE = 5, 0.25
"""How often an object is asked for or changed, and the seconds before the first time again, which
double. A merge says how things shall be, so doing it twice does it once."""
PASSING = (429, 500, 502, 503, 504)
"""Statuses of an API server that has too much to do or is being replaced."""
MERGE = "application/strategic-merge-patch+json"


class Cluster:
    """A connection to the API server of a cluster.

    Args:
        clients: Makes a boto3 client from service and region name.
        name: The cluster's name.
        region: Its region.
    """

    def __init__(self, clients: Clients, name: str, region: str) -> None:
        import urllib3  # noqa: PLC0415  # commands without Kubernetes save it

        found = clients("eks", region).describe_cluster(name=name)["cluster"]
        authority = base64.b64decode(found["certificateAuthority"]["data"]).decode()
        self._server = found["endpoint"]
        self._sts = clients("sts", region)
        self._name = name
        self._pool = urllib3.PoolManager(
            ssl_context=ssl.create_default_context(cadata=authority),
            timeout=TIMEOUT_SECONDS,
            retries=2,
        )
        self._retries = urllib3.Retry(
            ATTEMPTS - 1,
            backoff_factor=FIRST_PAUSE,
            status_forcelist=PASSING,
            allowed_methods=("GET", "PATCH"),
            raise_on_status=False,
        )
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def get(self, path: str) -> dict[str, Any]:
        """Return an object.

        Raises:
            AuthenticationError: One may not.
            ResourceError: The server refused or does not answer.
        """
        return json.loads(self._ask("GET", path, retries=self._retries) or b"{}")

    def text(self, path: str) -> str:
        """Return what is no object, such as a pod's log or its answer through the proxy.

        Raises:
            AuthenticationError: One may not.
            ResourceError: The server refused or does not answer.
        """
        return self._ask("GET", path).decode(errors="replace")

    def patch(self, path: str, change: Mapping[str, Any]) -> dict[str, Any]:
        """Change an object, lists merged by their keys; return what it is now.

        Raises:
            AuthenticationError: One may not.
            ResourceError: The server refused or does not answer.
        """
        return json.loads(self._ask("PATCH", path, change, retries=self._retries) or b"{}")

    def _ask(
        self,
        method: str,
        path: str,
        change: Mapping[str, Any] | None = None,
        retries: "Retry | None" = None,
    ) -> bytes:
        import urllib3  # noqa: PLC0415  # as above

        headers = {"Authorization": f"Bearer {self._bearer()}", "Accept": "application/json"}
        if change is not None:
            headers["Content-Type"] = MERGE
        body = None if change is None else json.dumps(change).encode()
        try:
            # What a pod answers through the API server is its own: nobody asks it again.
            answer = self._pool.request(
                method, self._server + path, body=body, headers=headers, retries=retries
            )
        except urllib3.exceptions.HTTPError as error:
            raise ResourceError(
                f"the API server of {self._name} does not answer", why=str(error)
            ) from error
        if answer.status in (401, 403):
            raise AuthenticationError(f"the cluster {self._name} refused", why=_said(answer.data))
        if answer.status >= 400:
            raise ResourceError(
                f"the cluster {self._name} refused {method} {path}",
                why=_said(answer.data) or f"status {answer.status}",
            )
        return answer.data

    def _bearer(self) -> str:
        with self._lock:
            if monotonic() > self._until:
                self._token = self._sign()
                self._until = monotonic() + TOKEN_SECONDS
            return self._token

    def _sign(self) -> str:
        """Return a token: the signature covers the cluster's name, so it is good for no other."""
        region = self._sts.meta.region_name
        question = (
            f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        )
        url = self._sts._request_signer.generate_presigned_url(  # noqa: SLF001  # botocore has no public way to sign a header into a URL
            {
                "method": "GET",
                "url": question,
                "body": {},
                "headers": {"x-k8s-aws-id": self._name},
                "context": {},
            },
            operation_name="GetCallerIdentity",
            expires_in=60,
            region_name=region,
        )
        return "k8s-aws-v1." + base64.urlsafe_b64encode(str(url).encode()).decode().rstrip("=")


def _said(body: bytes) -> str:
    """Return what a server says about its refusal, as Kubernetes or as anybody else has it."""
    try:
        return str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        return body[:SAID].decode(errors="replace")
