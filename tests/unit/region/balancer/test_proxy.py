"""The path of a request: what targets see, what clients get, and what happens when things break."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from support.balancer import Bench, Target, forward, rule
from support.ports import free_port
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def echo(
    target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
) -> None:
    """Answer with the body that came."""
    lines = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
    }
    if b"transfer-encoding" in lines:
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    else:
        body = await reader.readexactly(int(lines.get(b"content-length", b"0")))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


async def test_weights_are_exact_over_a_thousand_requests(bench: Bench) -> None:
    blue, green = await bench.target("blue"), await bench.target("green")
    bench.group("blue", blue)
    bench.group("green", green)
    bench.rules = [rule("default", forward(blue=937, green=63))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        answers = Counter([(await client.get("/")).text for _ in range(1000)])
    assert answers == {"blue": 937, "green": 63}


async def test_twenty_weight_switches_under_32_clients_fail_no_request(bench: Bench) -> None:
    blue, green = await bench.target("blue"), await bench.target("green")
    bench.group("blue", blue)
    bench.group("green", green)
    bench.rules = [rule("default", forward(blue=1, green=0))]
    await bench.apply()
    stop = asyncio.Event()
    seen: Counter[str] = Counter()

    async def client() -> None:
        async with httpx.AsyncClient(base_url=bench.url) as session:
            while not stop.is_set():
                answer = await session.get("/")
                assert answer.status_code == 200
                seen[answer.text] += 1

    clients = [asyncio.create_task(client()) for _ in range(32)]
    async with httpx.AsyncClient(base_url=bench.url) as session:
        for switch in range(20):
            side = ("green", "blue")[switch % 2]
            bench.rules = [rule("default", forward(**{"blue": 0, "green": 0, side: 100}))]
            await bench.apply()
            before = dict(seen)
            assert (await session.get("/")).text == side  # in force at once
            async with asyncio.timeout(10):
                while seen[side] < before.get(side, 0) + 5:
                    assert (await session.get("/")).text == side
    stop.set()
    await asyncio.gather(*clients)
    assert min(seen["blue"], seen["green"]) > 50


async def test_targets_see_who_asked_and_no_hop_by_hop_headers(bench: Bench) -> None:
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    await bench.raw(
        b"GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nConnection: close, X-Own\r\nX-Own: 1\r\n"
        b"Keep-Alive: 5\r\nTE: trailers\r\nX-Forwarded-For: 9.9.9.9\r\nX-Kept: yes\r\n"
        b"X-Forwarded-Proto: https\r\n"
        b"X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678\r\n\r\n"
    )
    head = target.heads[0].decode()
    assert head.startswith("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n")
    assert "X-Forwarded-For: 9.9.9.9, 127.0.0.1\r\n" in head
    assert "X-Forwarded-Proto: http\r\n" in head
    assert f"X-Forwarded-Port: {bench.port}\r\n" in head
    assert "X-Amzn-Trace-Id: Self=1-" in head
    assert ";Root=1-67891233-abcdef012345678912345678\r\n" in head
    assert "X-Kept: yes\r\n" in head
    for gone in ("X-Own", "Keep-Alive", "TE:", "close", "https"):
        assert gone not in head


async def test_a_client_cannot_name_away_what_frames_its_body(bench: Bench) -> None:
    target = await bench.target("t", echo)
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    answer = await bench.raw(
        b"POST / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\nX-B: 2\r\n"
        b"Connection: close, transfer-encoding, content-length, host, x-b\r\nX-C: 3\r\n\r\n"
        b"3\r\nabc\r\n0\r\n\r\n"
    )
    assert answer.endswith(b"\r\n\r\nabc")
    head = target.heads[0].decode()
    assert head.count("Transfer-Encoding: chunked\r\n") == 1
    for kept in ("Host: a\r\n", "X-A: 1\r\n", "X-C: 3\r\n"):
        assert kept in head
    assert "X-B" not in head


async def test_a_body_of_known_length_and_a_chunked_one_arrive_whole(bench: Bench) -> None:
    bench.group("g", await bench.target("t", echo))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()

    async def pieces() -> Any:
        for number in range(50):
            yield b"%d," % number * 1000

    whole = b"".join([b"%d," % number * 1000 for number in range(50)])
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.post("/", content=whole)).content == whole
        assert (await client.post("/", content=pieces())).content == whole
        assert (await client.post("/", content=b"")).content == b""


async def test_expect_continue_is_answered_at_once_and_not_passed_on(bench: Bench) -> None:
    target = await bench.target("t", echo)
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"abc")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
    assert await reader.readexactly(3) == b"abc"
    assert b"Expect" not in target.heads[0]
    writer.close()


async def test_a_head_answer_has_a_length_but_no_body_and_keeps_the_connection(
    bench: Bench,
) -> None:
    async def head_only(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        body = b"" if head.startswith(b"HEAD") else b"hello"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body)

    target = await bench.target("t", head_only)
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    before = target.connections
    async with httpx.AsyncClient(base_url=bench.url) as client:
        for _ in range(3):
            head = await client.head("/")
            assert (head.headers["content-length"], head.content) == ("5", b"")
            assert (await client.get("/")).text == "hello"
    assert target.connections - before < 6  # kept and used again; the rest are probes


async def test_interim_answers_reach_the_client_before_the_final_one(bench: Bench) -> None:
    async def hints(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")

    bench.group("g", await bench.target("t", hints))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    answer = await bench.raw(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content"
    )
    assert b"100 Continue" not in answer


async def test_an_answer_without_a_length_lasts_until_the_target_closes(bench: Bench) -> None:
    async def unframed(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        writer.close()

    bench.group("g", await bench.target("t", unframed))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        for _ in range(3):
            assert (await client.get("/")).text == "until the end"
    assert (await bench.raw(b"GET / HTTP/1.0\r\n\r\n")).endswith(b"\r\n\r\nuntil the end")


async def test_pipelined_requests_are_answered_in_order(bench: Bench) -> None:
    bench.group("g", await bench.target("t", echo))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    posts = b"".join(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n%02d" % number
        for number in range(50)
    )
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = await bench.raw(posts + last)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"%02d" % number for number in range(50)] + [b""]


async def test_websockets_pass_through_both_ways(bench: Bench) -> None:
    async def conversation(socket: Any) -> None:
        async for message in socket:
            await socket.send(f"heard {message}")

    async with serve(conversation, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        target = Target("ws", port)
        bench.group("g", target, health={"enabled": False})
        bench.rules = [rule("default", forward(g=1))]
        await bench.apply()
        async with connect(f"ws://127.0.0.1:{bench.port}/live", proxy=None) as socket:
            for word in ("one", "two" * 50_000):
                await socket.send(word)
                assert await socket.recv() == f"heard {word}"


async def test_a_websocket_that_the_target_closes_is_closed_for_the_client(bench: Bench) -> None:
    async def conversation(socket: Any) -> None:
        await socket.send("goodbye")
        await socket.close(4001, "done")

    async with serve(conversation, "127.0.0.1", 0) as server:
        target = Target("ws", next(iter(server.sockets)).getsockname()[1])
        bench.group("g", target, health={"enabled": False})
        bench.rules = [rule("default", forward(g=1))]
        await bench.apply()
        async with asyncio.timeout(10), connect(f"ws://127.0.0.1:{bench.port}/", proxy=None) as ws:
            assert await ws.recv() == "goodbye"
            await ws.wait_closed()
            assert ws.close_code == 4001


async def test_an_upgrade_to_anything_else_is_answered_as_plain_http(bench: Bench) -> None:
    bench.group("g", await bench.target("t", echo))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    answer = await bench.raw(
        b"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"
        b"Content-Length: 3\r\n\r\nabc"
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    )
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert b"abc" in answer


async def test_a_refused_connection_is_tried_on_another_target_whatever_the_method(
    bench: Bench,
) -> None:
    alive, dead = await bench.target("alive", echo), await bench.target("dead")
    bench.group("g", alive, dead, health={"interval": 60.0, "timeout": 5.0})
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    await dead.stop()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        for _ in range(20):
            assert (await client.post("/", content=b"x")).content == b"x"


async def test_no_target_that_answers_is_a_502_and_no_target_at_all_a_503(bench: Bench) -> None:
    dead = Target("dead", free_port())
    bench.group("g", dead, health={"enabled": False})
    bench.group("empty")
    bench.rules = [
        rule("1", forward(empty=1), {"Field": "path-pattern", "Values": ["/empty"]}),
        rule("2", forward(g=0), {"Field": "path-pattern", "Values": ["/zero"]}),
        rule("default", forward(g=1)),
    ]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.get("/")).status_code == 502
        assert (await client.get("/empty")).status_code == 503
        assert (await client.get("/zero")).status_code == 503


async def test_a_kept_connection_that_the_target_closed_is_replaced_for_a_get(bench: Bench) -> None:
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()

    async def hang_up_once(
        t: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        t.behave = None
        writer.transport.abort()

    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.get("/")).text == "t"
        target.behave = hang_up_once
        assert (await client.get("/")).text == "t"
        target.behave = hang_up_once
        assert (await client.post("/", content=b"x")).status_code == 502


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"",
    ],
    ids=["not HTTP", "two lengths", "too large", "nothing"],
)
async def test_a_target_that_answers_badly_is_a_502(bench: Bench, answer: bytes) -> None:
    async def misbehave(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    bench.group("g", await bench.target("t", misbehave))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.get("/")).status_code == 502


async def test_an_answer_cut_short_is_cut_short_for_the_client_too(bench: Bench) -> None:
    async def cut(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    bench.group("g", await bench.target("t", cut))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("/")


async def test_a_target_that_does_not_answer_is_a_504_after_the_idle_timeout(bench: Bench) -> None:
    async def silence(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        await reader.read()

    bench.group("g", await bench.target("t", silence))
    bench.rules = [rule("default", forward(g=1))]
    bench.options["idle_timeout"] = 0.5
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (await client.get("/")).status_code == 504


async def test_a_client_that_never_ends_its_head_is_sent_away(bench: Bench) -> None:
    bench.rules = [
        rule("default", {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}})
    ]
    bench.options["idle_timeout"] = 0.5
    await bench.apply()
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
    drip = asyncio.create_task(_drip(writer))
    async with asyncio.timeout(5):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    drip.cancel()
    writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    """One header line every tenth of a second: never silent, never done."""
    for number in range(1000):
        writer.write(b"X-%d: y\r\n" % number)
        await asyncio.sleep(0.1)


async def test_a_target_group_cookie_and_a_target_cookie_keep_a_client_where_it_was(
    bench: Bench,
) -> None:
    names = [f"{side}{number}" for side in ("blue", "green") for number in range(3)]
    targets = {name: await bench.target(name) for name in names}
    for side in ("blue", "green"):
        bench.group(side, *(targets[f"{side}{n}"] for n in range(3)), stickiness="lb_cookie")
    action = forward(blue=50, green=50)
    action["ForwardConfig"]["TargetGroupStickinessConfig"] = {
        "Enabled": True,
        "DurationSeconds": 60,
    }
    bench.rules = [rule("default", action)]
    await bench.apply()
    seen = set()
    for _ in range(4):
        async with httpx.AsyncClient(base_url=bench.url) as client:
            answers = {(await client.get("/")).text for _ in range(12)}
            assert {"AWSALB", "AWSALBTG"} <= set(client.cookies.keys())
            assert len(answers) == 1
            seen |= answers
    assert len(seen) > 1
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert (
            len(
                {
                    (await client.get("/", headers={"Cookie": "AWSALB=forged"})).text
                    for _ in range(12)
                }
            )
            == 6
        )


async def test_an_application_cookie_starts_stickiness(bench: Bench) -> None:
    async def session(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        cookie = b"Set-Cookie: SID=1\r\n" if b"GET /login" in head else b""
        body = target.name.encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (cookie, len(body), body)
        )

    targets = [await bench.target(name, session) for name in "abc"]
    bench.group("g", *targets, stickiness="app_cookie", cookie_name="SID")
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        assert len({(await client.get("/")).text for _ in range(6)}) == 3
        home = (await client.get("/login")).text
        assert {(await client.get("/")).text for _ in range(6)} == {home}


async def test_the_least_busy_target_gets_the_next_request(bench: Bench) -> None:
    release = asyncio.Event()

    async def slow(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        await release.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")

    slow_target = await bench.target("slow", slow)
    bench.group(
        "g", slow_target, await bench.target("quick"), algorithm="least_outstanding_requests"
    )
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        stuck = []
        while not slow_target.heads:
            stuck.append(asyncio.create_task(client.get("/")))
            await asyncio.wait(stuck, timeout=0.05)
        assert {(await client.get("/")).text for _ in range(10)} == {"quick"}
        release.set()
        await asyncio.gather(*stuck)


async def test_fixed_responses_and_redirects_come_from_the_balancer_with_its_headers(
    bench: Bench,
) -> None:
    bench.listener["response_headers"] = {"Strict-Transport-Security": "max-age=1"}
    redirect = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", "Path": "/there"}}
    fixed = {"StatusCode": "418", "ContentType": "application/json", "MessageBody": "{}"}
    bench.rules = [
        rule("1", redirect, {"Field": "path-pattern", "Values": ["/here"]}),
        rule("default", {"Type": "fixed-response", "FixedResponseConfig": fixed}),
    ]
    await bench.apply()
    async with httpx.AsyncClient(base_url=bench.url) as client:
        moved = await client.get("/here?q=1")
        assert (moved.status_code, moved.headers["location"]) == (302, f"{bench.url}/there?q=1")
        teapot = await client.post("/", content=b"unread")
        assert (teapot.status_code, teapot.json()) == (418, {})
        assert teapot.headers["content-type"] == "application/json"
        assert teapot.headers["strict-transport-security"] == "max-age=1"


async def test_large_bodies_stream_in_bounded_memory_past_a_slow_reader(bench: Bench) -> None:
    size = 200 * 1024 * 1024
    piece = b"x" * 65536

    async def huge(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()

    target = await bench.target("t", huge)
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port, limit=65536)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    received = 0
    most = 0
    while data := await reader.read(65536):
        received += len(data)
        connection = next(iter(bench.balancer.connections), None)
        if connection is not None:
            most = max(most, connection.transport.get_write_buffer_size())
    assert received == size
    assert most < 4 * 1024 * 1024
    writer.close()
