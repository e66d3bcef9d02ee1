"""Moving the brokers' listening sockets to addresses of our choice.

librdkafka binds its mock brokers to ports it finds free. Putting a socket of ours under the same
descriptor makes the broker accept there instead, without anything in between.
"""

import contextlib
import os
import socket
import stat
from collections.abc import Iterator

_BACKLOG = 512
_MOST_DESCRIPTORS = 1024


def listening() -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield the descriptors of this process that listen on TCP, and where."""
    for descriptor in range(3, _MOST_DESCRIPTORS):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
        except OSError:
            continue
        with contextlib.closing(socket.socket(fileno=os.dup(descriptor))) as copy:
            if copy.family == socket.AF_INET and copy.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                yield descriptor, copy.getsockname()


def move(place: tuple[str, int], host: str, port: int) -> None:
    """Have whoever listens at `place` in this process listen at another address.

    Raises:
        OSError: The address is taken, or nobody listens at `place`.
    """
    found = {where: descriptor for descriptor, where in listening()}
    if place not in found:
        raise OSError(f"nobody listens at {place[0]}:{place[1]}")
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        mine.bind((host, port))
        mine.listen(_BACKLOG)
        mine.setblocking(False)
        os.dup2(mine.fileno(), found[place], inheritable=False)
