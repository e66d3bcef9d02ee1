"""Every service tells which release it is."""

import pytest


@pytest.mark.parametrize(
    ("name", "title"),
    [("ingestion", "Analytics ingestion"), ("consumer", "Analytics consumer")],
)
def test_a_service_tells_its_release(product, name, title):
    service = product.start(name, RELEASE="r7")

    refused = service.get("/nothing-here")
    version = service.get("/version").json()
    status, records = service.end()

    assert refused.headers["X-Release"] == "r7"
    assert version == {"service": title, "release": "r7"}
    assert status == 0
    assert {record["release"] for record in records} == {"r7"}


def test_a_service_that_was_not_told_says_nothing(product):
    service = product.start("ingestion")

    answer = service.get("/health")

    assert "X-Release" not in answer.headers
    assert service.get("/version").json()["release"] == ""
