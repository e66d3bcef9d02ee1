"""The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), from a verifier."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping


class AuthenticationError(Exception):
    """Somebody is not who they say."""


class Conversation:
    """One sign-in.

    Args:
        users: User → verifier, as `platformctl.region.servers.postgres.scram` writes them.

    Attributes:
        user: Who signed in, "" before.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self.user = ""
        self._users = users
        self._claimed = ""
        self._nonce = ""
        self._said = ""

    def start(self, payload: bytes) -> bytes:
        """Answer the client's first message with salt, rounds and nonce.

        Raises:
            AuthenticationError: There is no such user, or this is no first message.
        """
        bare = payload.decode().partition(",,")[2]
        fields = _fields(bare)
        self._claimed = fields.get("n", "").replace("=2C", ",").replace("=3D", "=")
        if self._claimed not in self._users or not fields.get("r"):
            raise AuthenticationError
        _, rounds, salt, _, _ = _parts(self._users[self._claimed])
        self._nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        first = f"r={self._nonce},s={salt},i={rounds}"
        self._said = f"{bare},{first}"
        return first.encode()

    def finish(self, payload: bytes) -> bytes:
        """Check the client's proof, and answer with the server's.

        Raises:
            AuthenticationError: The proof is not that of the password.
        """
        without, _, proof = payload.decode().rpartition(",p=")
        if _fields(without).get("r") != self._nonce:
            raise AuthenticationError
        _, _, _, stored, server = _parts(self._users[self._claimed])
        stored_key = base64.b64decode(stored)
        message = f"{self._said},{without}".encode()
        signature = hmac.digest(stored_key, message, "sha256")
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True))
        if not hmac.compare_digest(hashlib.sha256(key).digest(), stored_key):
            raise AuthenticationError
        self.user = self._claimed
        verified = hmac.digest(base64.b64decode(server), message, "sha256")
        return b"v=" + base64.b64encode(verified)


def _fields(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(","))
    return {key: value for key, _, value in pairs}


def _parts(verifier: str) -> tuple[str, str, str, str, str]:
    mechanism, rest, keys = verifier.split("$")
    rounds, _, salt = rest.partition(":")
    stored, _, server = keys.partition(":")
    return mechanism, rounds, salt, stored, server
