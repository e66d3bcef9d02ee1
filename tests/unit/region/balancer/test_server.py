"""What is malformed, too large or ambiguous never reaches a target."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.balancer import Bench, Target, forward, rule

FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
GOOD = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


async def test_a_port_that_is_taken_is_reported_and_taken_over_once_free(bench: Bench) -> None:
    holder = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", bench.port)
    bench.rules = [rule("default", FIXED)]
    await bench.apply()
    error = bench.reports[0]["listeners"]["listener"]
    assert f"127.0.0.1:{bench.port}" in error
    assert "in use" in error
    holder.close()
    await bench.apply()
    assert bench.reports[-2]["listeners"] == {"listener": ""}
    assert (await bench.raw(GOOD)).startswith(b"HTTP/1.1 200")


REFUSED = {
    "nonsense": (b"nonsense\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        400,
    ),
    "length and chunked": (
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        400,
    ),
    "length with a sign": (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400),
    "unknown encoding": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        501,
    ),
    "encoding not last": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        400,
    ),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "space before colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "folded header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400),
    "NUL in a header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\x00c\r\n\r\n", 400),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "CONNECT": (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "long URL": (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "long header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 17_000 + b"\r\n\r\n", 400),
    "many headers": (
        b"GET / HTTP/1.1\r\nHost: a\r\n"
        + b"".join(b"X-%d: %b\r\n" % (n, b"a" * 1000) for n in range(80))
        + b"\r\n",
        400,
    ),
    "endless head": (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, 400),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
async def test_a_bad_request_is_refused_and_reaches_no_target(
    bench: Bench, sent: bytes, status: int
) -> None:
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    assert (await bench.raw(sent)).startswith(b"HTTP/1.1 %d " % status)
    assert target.heads == []


async def test_a_good_request_before_a_bad_one_is_still_answered(bench: Bench) -> None:
    bench.group("g", await bench.target("t"))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    answer = await bench.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 200" not in answer[5:]


async def test_an_absolute_url_becomes_a_path_and_a_host(bench: Bench) -> None:
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    await bench.raw(
        b"GET http://real.example:81/p?q HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"
    )
    assert target.heads[0].startswith(b"GET /p?q HTTP/1.1\r\nHost: real.example:81\r\n")


async def test_too_many_forwarded_addresses_are_a_463(bench: Bench) -> None:
    bench.group("g", await bench.target("t"))
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    addresses = ", ".join(["1.1.1.1"] * 31)
    async with httpx.AsyncClient(base_url=bench.url) as client:
        answer = await client.get("/", headers={"X-Forwarded-For": addresses})
    assert answer.status_code == 463


async def test_invalid_header_names_are_dropped_only_when_asked(bench: Bench) -> None:
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    request = GOOD[:-2] + b"under_score: 1\r\n\r\n"
    for drop in (False, True):
        bench.options["drop_invalid_headers"] = drop
        await bench.apply()
        await bench.raw(request)
        assert (b"under_score" in target.heads[-1]) is not drop


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(0, 400), max_size=12), body=st.binary(max_size=60))
def test_requests_mean_the_same_however_they_are_cut(cuts: list[int], body: bytes) -> None:
    """Feed the parser the same requests in arbitrary pieces."""
    asyncio.run(_cut(cuts, body))


async def _cut(cuts: list[int], body: bytes) -> None:
    seen: list[bytes] = []

    async def record(
        target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        seen.append(await reader.readexactly(int(length or 0)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    bench = Bench()
    try:
        bench.group("g", await bench.target("t", record), health={"enabled": False})
        bench.rules = [rule("default", forward(g=1))]
        await bench.apply()
        sent = (
            b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            + b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
            + b"POST /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nz"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
        edges = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
        for start, end in pairwise(edges):
            writer.write(sent[start:end])
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        assert answer.count(b"HTTP/1.1 200 OK") == 3
        assert seen == [body, b"", b"z"]
    finally:
        await bench.close()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=6))
def test_no_bytes_whatever_break_the_balancer(pieces: list[bytes]) -> None:
    asyncio.run(_survives(pieces))


async def _survives(pieces: list[bytes]) -> None:
    bench = Bench()
    try:
        bench.rules = [rule("default", FIXED)]
        await bench.apply()
        _, writer = await asyncio.open_connection("127.0.0.1", bench.port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        writer.close()
        assert (await bench.raw(GOOD)).startswith(b"HTTP/1.1 200")
    finally:
        await bench.close()


def certificate(folder: Path, name: str) -> dict[str, object]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {"names": [name], "certificate": str(paths[0]), "key": str(paths[1])}


async def test_tls_serves_the_certificate_the_client_names_and_nothing_below_1_2(
    bench: Bench, tmp_path: Path
) -> None:
    certificates = [certificate(tmp_path, name) for name in ("one.example", "two.example")]
    bench.listener |= {"protocol": "HTTPS", "certificates": certificates}
    target = await bench.target("t")
    bench.group("g", target)
    bench.rules = [rule("default", forward(g=1))]
    await bench.apply()
    for made in certificates:
        context = ssl.create_default_context(cafile=str(made["certificate"]))
        name = made["names"][0]  # type: ignore[index]
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", bench.port, ssl=context, server_hostname=name
        )
        writer.write(GOOD)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        writer.close()
    assert b"X-Forwarded-Proto: https" in target.heads[0]
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    bench.listener["minimum_tls"] = "TLSv1.3"
    await bench.apply()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await asyncio.open_connection("127.0.0.1", bench.port, ssl=old)
