"""The front's handshake with PostgreSQL clients, its limits, and its listeners."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.servers.front import postgres
from platformctl.region.servers.front.places import Places
from platformctl.region.servers.front.server import Front


def startup(**parameters: str) -> bytes:
    body = b"".join(f"{name}\0{value}\0".encode() for name, value in parameters.items()) + b"\0"
    return struct.pack("!II", len(body) + 8, 196608) + body


def request(code: int) -> bytes:
    return struct.pack("!II", 8, code)


def test_the_length_of_a_packet_is_known_from_four_bytes_on():
    packet = startup(user="me", database="shop")
    assert postgres.packet_length(packet[:3]) == 0
    assert postgres.packet_length(packet[:4]) == len(packet)
    assert postgres.packet_code(packet) == 196608
    assert postgres.startup_parameters(packet)["database"] == "shop"


@settings(deadline=None)
@given(st.binary(min_size=4))
def test_anything_else_is_refused_or_has_a_sane_length(data: bytes):
    try:
        length = postgres.packet_length(data)
    except ValueError:
        length = 8
    assert 8 <= length <= postgres.LONGEST_STARTUP


async def test_places_are_given_in_order_of_arrival():
    places = Places(1, 5.0)
    assert await places.take()
    order: list[int] = []

    async def wait(number: int) -> None:
        assert await places.take()
        order.append(number)

    waiting = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    for _ in waiting:
        places.leave()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


async def test_a_place_that_does_not_become_free_in_time_is_not_given():
    places = Places(1, 0.01)
    assert await places.take()
    assert not await places.take()
    places.leave()
    assert await places.take()


async def test_one_who_gave_up_waiting_takes_no_place_from_the_others():
    places = Places(1, 5.0)
    assert await places.take()
    gone = asyncio.create_task(places.take())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    places.leave()
    assert places.taken == 0


@pytest.fixture
async def echo() -> AsyncIterator[tuple[str, int]]:
    """Yield the address of a server that answers what it gets."""

    ended: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.current_task())
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()
    await asyncio.gather(*ended, return_exceptions=True)


def listener(name: str, port: int, upstream: tuple[str, int], **more: object) -> dict[str, object]:
    return {
        "name": name,
        "kind": "redis",
        "host": "127.0.0.1",
        "port": port,
        "upstreams": [list(upstream)],
        **more,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_bytes_pass_both_ways_whole_and_in_order(echo):
    front, port = Front(), free_port()
    assert await front.apply({"listeners": [listener("a", port, echo)]}) == {}
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = bytes(range(256)) * 40_000  # Ten megabytes: more than any buffer holds.

    async def send() -> None:
        writer.write(sent)
        await writer.drain()

    sending = asyncio.create_task(send())
    assert await asyncio.wait_for(reader.readexactly(len(sent)), 60) == sent
    await sending
    writer.close()
    await writer.wait_closed()
    await front.close()


async def test_a_connection_survives_a_change_of_another_listener(echo):
    front, port, other = Front(), free_port(), free_port()
    kept = listener("kept", port, echo)
    await front.apply({"listeners": [kept, listener("other", other, echo)]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    gone_reader, gone_writer = await asyncio.open_connection("127.0.0.1", other)
    gone_writer.write(b"x")
    assert await gone_reader.readexactly(1) == b"x"
    await front.apply({"listeners": [kept]})
    assert await asyncio.wait_for(gone_reader.read(), 10) == b""
    writer.write(b"still here")
    assert await asyncio.wait_for(reader.readexactly(10), 10) == b"still here"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", other)
    for one in (writer, gone_writer):
        one.close()
        await one.wait_closed()
    await front.close()


async def test_a_server_that_is_down_is_passed_over(echo):
    front, port = Front(), free_port()
    down = ("127.0.0.1", free_port())
    both = listener("a", port, echo, upstreams=[list(down), list(echo)])
    await front.apply({"listeners": [both]})
    for _ in range(4):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x")
        assert await asyncio.wait_for(reader.readexactly(1), 10) == b"x"
        writer.close()
        await writer.wait_closed()
    await writer.wait_closed()
    await front.close()


async def test_an_address_that_is_taken_is_reported_by_name(echo):
    front = Front()
    errors = await front.apply({"listeners": [listener("taken", echo[1], ("127.0.0.1", 1))]})
    assert list(errors) == ["taken"]
    await front.close()


@pytest.mark.parametrize(
    "first",
    [b"\0\0\0\x04\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", request(postgres.SSL_REQUEST) + b"x"],
)
async def test_what_is_no_postgresql_is_cut_off(echo, first):
    front, port = Front(), free_port()
    await front.apply({"listeners": [listener("a", port, echo, kind="postgres")]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    await writer.wait_closed()
    await front.close()


async def test_a_client_that_must_use_tls_is_told_so_in_postgresqls_words(echo):
    front, port = Front(), free_port()
    row = listener("a", port, echo, kind="postgres", require_tls=True)
    await front.apply({"listeners": [row]})
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(postgres.GSS_REQUEST))
    assert await reader.readexactly(1) == postgres.NO
    writer.write(startup(user="me", database="shop"))
    answer = await asyncio.wait_for(reader.read(), 10)
    assert answer[:1] == b"E"
    assert b'user "me", database "shop", no encryption' in answer
    writer.close()
    await writer.wait_closed()
    await front.close()
