"""How clients get into a cluster: one way of MSK's, which the record of the cluster decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Access:
    """A way in.

    Attributes:
        port: Where brokers listen for it, as in MSK.
        member: Member of `GetBootstrapBrokers`' answer that tells the addresses.
    """

    port: int
    member: str


PLAINTEXT = Access(9092, "BootstrapBrokerString")
TLS = Access(9094, "BootstrapBrokerStringTls")
IAM = Access(9098, "BootstrapBrokerStringSaslIam")


def access_of(info: Mapping[str, Any]) -> Access:
    """Return how clients get into a cluster.

    A broker here tells all clients the same address, so there is one way in: the safest of those
    the cluster allows. One that says nothing about encryption is plaintext.
    """
    authentication = info.get("ClientAuthentication") or {}
    if ((authentication.get("Sasl") or {}).get("Iam") or {}).get("Enabled"):
        return IAM
    transit = (info.get("EncryptionInfo") or {}).get("EncryptionInTransit") or {}
    return TLS if transit.get("ClientBroker") == "TLS" else PLAINTEXT
