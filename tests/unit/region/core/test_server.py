"""HTTP on the endpoint: what clients may do to it, and what reaches the emulator through it."""

import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.endpoint import endpoint_of, serving

from platformctl.region.endpoint.server import Answer, json_answer

S3 = {"Authorization": "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request"}


async def _echo(request):
    """Answer with a digest of what came in, or with as many bytes as were asked for."""
    if request.target.startswith("/bytes/"):
        size = int(request.target.rpartition("/")[2])

        async def pieces():
            for start in range(0, size, 65536):
                yield b"x" * min(65536, size - start)

        return Answer(200, [("Content-Length", str(size))], pieces())
    if request.target == "/early":
        return json_answer(403, {"read": False})
    if request.target == "/gone":
        raise ConnectionResetError
    digest, size = hashlib.sha256(), 0
    async for piece in request.stream:
        digest.update(piece)
        size += len(piece)
    document = {
        "method": request.method,
        "target": request.target,
        "host": request.headers["host"],
        "size": size,
        "digest": digest.hexdigest(),
    }
    return json_answer(200, document)


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with serving(_echo) as port:
        yield port


@pytest.fixture(scope="module")
def url(upstream) -> Iterator[str]:
    with endpoint_of([], upstream) as endpoint:
        yield endpoint


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def _exchange(url: str, *parts: bytes) -> bytes:
    """Send raw bytes and return everything that comes back until the other side closes."""
    with socket.create_connection(_address(url), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        with contextlib.suppress(OSError):  # the other side may have closed already
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_large_bodies_stream_through_both_ways(url):
    size = 40 * 1024 * 1024
    piece = b"abcdefgh" * 8192

    def body():
        for _ in range(size // len(piece)):
            yield piece

    sent = httpx.put(f"{url}/bucket/key", content=body(), headers=S3, timeout=60).json()
    received = httpx.get(f"{url}/bytes/{size}", headers=S3, timeout=60)

    assert sent["size"] == size
    assert sent["digest"] == hashlib.sha256(piece * (size // len(piece))).hexdigest()
    assert len(received.content) == size


def test_one_connection_serves_many_requests(url):
    with httpx.Client(headers=S3) as client:
        for number in range(20):
            answer = client.put(f"{url}/bucket/{number}", content=b"x" * number).json()
            assert (answer["target"], answer["size"]) == (f"/bucket/{number}", number)


def test_the_emulator_sees_host_and_target_as_they_were_sent(url):
    answer = httpx.get(
        f"{url}/a%20b/c+d?x=%2F&y", headers={**S3, "Host": "bucket.s3.us-east-1.amazonaws.com"}
    ).json()

    assert answer["target"] == "/a%20b/c+d?x=%2F&y"
    assert answer["host"] == "bucket.s3.us-east-1.amazonaws.com"


def test_a_client_that_waits_for_100_continue_gets_it(url):
    host, port = _address(url)
    head = (
        f"PUT /bucket/key HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 5\r\n"
        f"Authorization: {S3['Authorization']}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"size": 5' in answer


def test_an_answer_that_comes_before_the_body_was_read_does_not_break_the_connection(url):
    with httpx.Client(headers=S3) as client:
        early = client.put(f"{url}/early", content=b"x" * 3_000_000)
        after = client.put(f"{url}/bucket/key", content=b"12345").json()

    assert early.status_code == 403
    assert after["size"] == 5


def test_head_answers_have_the_length_and_no_body(url):
    answer = httpx.head(f"{url}/bytes/1000", headers=S3)

    assert answer.headers["content-length"] == "1000"
    assert answer.content == b""


def test_pipelined_requests_are_answered_in_order(url):
    request = (
        b"GET /bytes/3 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: "
        + S3["Authorization"].encode()
        + b"\r\n\r\n"
    )
    answer = _exchange(url, request, request.replace(b"/3", b"/4"))

    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.index(b"\r\n\r\nxxxHTTP") < answer.index(b"\r\n\r\nxxxx")


def test_two_lengths_that_differ_are_refused(url):
    answer = _exchange(
        url,
        b"PUT /bucket/key HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_head_without_end_is_refused(url):
    answer = _exchange(url, b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-Long: " + b"a" * 300_000)

    assert answer.startswith(b"HTTP/1.1 431 ")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.binary(min_size=1, max_size=200))
def test_nothing_a_client_sends_ends_the_endpoint(url, junk):
    answer = _exchange(url, junk)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert httpx.get(f"{url}/bytes/1", headers=S3).status_code == 200


def test_a_client_that_leaves_in_the_middle_is_forgotten(url):
    host, port = _address(url)
    for _ in range(5):
        with socket.create_connection((host, port)) as connection:
            connection.sendall(
                b"PUT /bucket/key HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\nAuthorization: "
                + S3["Authorization"].encode()
                + b"\r\n\r\nhalf"
            )

    assert httpx.put(f"{url}/bucket/key", content=b"1", headers=S3).json()["size"] == 1


def test_a_slow_client_holds_up_nobody(url):
    host, port = _address(url)
    with socket.create_connection((host, port)) as slow:
        slow.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: a\r\nX: ")
        answers = []
        threads = [
            threading.Thread(
                target=lambda: answers.append(httpx.get(f"{url}/bytes/1", headers=S3).status_code)
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    assert answers == [200] * 8


def test_an_emulator_that_goes_away_is_service_unavailable(url):
    answer = httpx.get(f"{url}/gone", headers=S3)

    assert answer.status_code == 503
    assert "starting again" in answer.text


def test_an_emulator_that_does_not_listen_is_service_unavailable():
    with endpoint_of([]) as endpoint:
        answer = httpx.get(f"{endpoint}/bucket", headers=S3)

    assert answer.status_code == 503
