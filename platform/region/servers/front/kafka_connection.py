"""A client of Kafka that has to sign in before its bytes are passed on."""

import asyncio

from platformctl.region.servers.front.connection import Connection, Entrance
from platformctl.region.servers.front.kafka import SignIn, Versions, take_frame
from platformctl.region.servers.front.tokens import Signer


class KafkaConnection(Connection):
    """A connection that is between client and broker once the client has signed in."""

    def __init__(self, entrance: Entrance, signer: Signer, versions: Versions) -> None:
        super().__init__(entrance)
        self._deciding = True
        self._sign_in = SignIn(signer, versions)

    def _decide(self) -> None:
        while self._deciding and (frame := take_frame(self._early)) is not None:
            answer = self._sign_in.answer(frame)
            if self.transport is not None:
                self.transport.write(answer)
            if self._sign_in.refused:
                self.end()
                return
            if self._sign_in.done:
                self._deciding = False
                self._pause()
                self._task = asyncio.create_task(self._open())
