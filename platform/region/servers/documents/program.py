"""One cluster's documents, served where the configuration says."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformctl.region.servers.control import Report
from platformctl.region.servers.documents.commands import CommandError, Commands
from platformctl.region.servers.documents.messages import (
    HEADER,
    MessageError,
    Request,
    read,
    size_of,
    write,
)
from platformctl.region.servers.documents.scram import AuthenticationError, Conversation
from platformctl.region.servers.documents.storage import Storage

_LOG = logging.getLogger(__name__)
OPEN = frozenset({"hello", "isMaster", "ismaster", "buildInfo", "buildinfo", "ping", "endSessions"})
"""What may be asked before signing in."""
UNAUTHORIZED, AUTHENTICATION_FAILED = 13, 18
MECHANISM = "SCRAM-SHA-256"


class Documents:
    """The server; one file, any number of addresses."""

    def __init__(self, report: Report) -> None:
        _ = report
        self._storage: Storage | None = None
        self._commands: Commands | None = None
        self._users: dict[str, str] = {}
        self._listening: dict[tuple[str, int], asyncio.Server] = {}

    async def apply(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Open the file once, then listen where it is wanted; return what failed."""
        if self._storage is None:
            self._storage = Storage(Path(document["file"]))
            self._commands = Commands(self._storage)
        self._users = dict(document["users"])
        wanted = {(row["host"], row["port"]): row for row in document["listeners"]}
        for place in self._listening.keys() - wanted.keys():
            self._listening.pop(place).close()
        errors = {}
        for place, row in wanted.items():
            if place not in self._listening:
                try:
                    self._listening[place] = await self._listen(row)
                except OSError as error:
                    errors[row["name"]] = str(error)
        return errors

    async def close(self) -> None:
        """Listen no more and close the file."""
        for server in self._listening.values():
            server.close()
        if self._storage is not None:
            self._storage.close()

    async def _listen(self, row: Mapping[str, Any]) -> asyncio.Server:
        context = None
        if row["certificate"]:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(row["certificate"], row["key"])
        return await asyncio.start_server(self._serve, row["host"], row["port"], ssl=context)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self)
        try:
            while True:
                head = await reader.readexactly(HEADER.size)
                rest = await reader.readexactly(size_of(head) - HEADER.size)
                request = read(head, rest)
                answer = client.answer(request)
                if not request.silent:
                    writer.write(write(request, answer))
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # The client went away.
        except MessageError as error:
            _LOG.warning("a client said what is no message: %s", error)
        finally:
            writer.close()

    def run(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do a command for a client that may."""
        assert self._commands is not None  # noqa: S101  # it listens since it was configured
        return self._commands.run(command)

    @property
    def users(self) -> Mapping[str, str]:
        """Who may sign in, with their verifiers."""
        return self._users


class Client:
    """One connection: who it is, and how it gets there."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._conversation: Conversation | None = None
        self._user = ""

    def answer(self, request: Request) -> dict[str, Any]:
        """Return the answer to a command."""
        name = next(iter(request.body), "")
        try:
            if name in ("saslStart", "saslContinue"):
                return self._sign_in(name, request.body)
            if not self._user and name not in OPEN:
                raise CommandError(UNAUTHORIZED, f"command {name} requires authentication")
            answer = self._documents.run(request.body)
            speculative = request.body.get("speculativeAuthenticate")
            if speculative and speculative.get("mechanism") == MECHANISM:
                answer["speculativeAuthenticate"] = self._sign_in("saslStart", speculative)
        except AuthenticationError:
            return _failure(AUTHENTICATION_FAILED, "Authentication failed.")
        except CommandError as error:
            return _failure(error.code, str(error))
        return answer

    def _sign_in(self, step: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if step == "saslStart":
            if body.get("mechanism") != MECHANISM:
                raise CommandError(2, f"Unsupported mechanism {body.get('mechanism')}")
            self._conversation = Conversation(self._documents.users)
            payload = self._conversation.start(bytes(body["payload"]))
            return {"conversationId": 1, "done": False, "payload": payload, "ok": 1.0}
        if self._conversation is None:
            raise AuthenticationError
        if not self._conversation.user:
            payload = self._conversation.finish(bytes(body["payload"]))
            self._user = self._conversation.user
        else:
            payload = b""  # The empty exchange with which older clients end.
        return {"conversationId": 1, "done": True, "payload": payload, "ok": 1.0}


_NAMES = {
    2: "BadValue",
    13: "Unauthorized",
    18: "AuthenticationFailed",
    26: "NamespaceNotFound",
    27: "IndexNotFound",
    43: "CursorNotFound",
    59: "CommandNotFound",
    303: "FeatureNotSupported",
    11000: "DuplicateKey",
}


def _failure(code: int, message: str) -> dict[str, Any]:
    name = _NAMES.get(code, "Location" + str(code))
    return {"ok": 0.0, "errmsg": message, "code": code, "codeName": name}
