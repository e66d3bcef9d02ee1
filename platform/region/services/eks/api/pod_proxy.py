"""Requests to a pod through the API server: `…/pods/NAME:PORT/proxy/PATH`."""

import re
from dataclasses import dataclass, replace

from platformctl.region.endpoint.proxy import Proxy, UpstreamError
from platformctl.region.endpoint.server import Answer, Request
from platformctl.region.services.eks.api.objects import Document
from platformctl.region.services.eks.api.status import Refusal

_PATH = re.compile(
    r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods/(?P<pod>[^/:]+)(:(?P<port>\d+))?/proxy(?P<rest>/.*|)"
)


@dataclass(frozen=True)
class ProxiedPod:
    """The pod that a request is for.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        port: The port that was named; "" for its first one.
        path: The rest of the path, as the pod gets it.
    """

    namespace: str
    name: str
    port: str
    path: str


def proxied(path: str) -> ProxiedPod | None:
    """Return the pod that a path leads to; None if it leads to none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    return ProxiedPod(
        namespace=found["namespace"],
        name=found["pod"],
        port=found["port"] or "",
        path=found["rest"] or "/",
    )


async def ask(pod: Document, port: str, request: Request, target: str) -> Answer:
    """Pass a request on to a pod.

    Args:
        pod: The pod.
        port: The port that was named; "" for its first one.
        request: The request; who sent it is not passed on.
        target: Path and query for the pod.

    Raises:
        Refusal: The pod has no such port, or does not answer.
    """
    address = (pod.get("status") or {}).get("podIP")
    ports = [
        str(each["containerPort"])
        for container in pod["spec"]["containers"]
        for each in container.get("ports") or ()
    ]
    wanted = port or (ports[0] if ports else "")
    if not address or not wanted:
        raise Refusal(503, "ServiceUnavailable", "the pod has no address, or no port")
    headers = [each for each in request.raw_headers if each[0].lower() != b"authorization"]
    proxy = Proxy(address, int(wanted))
    try:
        return await proxy.forward(replace(request, target=target, raw_headers=headers))
    except UpstreamError as error:
        message = f"error trying to reach service: {error}"
        raise Refusal(503, "ServiceUnavailable", message) from error
