"""Which service and region a request is for, and which requests are refused."""

import httpx
import pytest
from support.endpoint import endpoint_of, serving

from platformctl.region.endpoint.scope import (
    Scope,
    UnknownHostError,
    UnsignedError,
    scope_of,
)
from platformctl.region.endpoint.server import Request, json_answer

HOSTS = frozenset({"127.0.0.1", "localhost"})
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/elasticloadbalancing/aws4_request, "


async def _nothing():
    return
    yield b""


def request(method="GET", target="/", **headers):
    headers = {"host": "127.0.0.1:4566"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Request(method, target, headers, [], _nothing())


def test_the_signature_names_service_and_region():
    signed = request(authorization=SIGNED + "SignedHeaders=host, Signature=0")

    assert scope_of(signed, HOSTS) == Scope("elasticloadbalancing", "eu-west-1")


def test_a_presigned_url_names_service_and_region():
    target = "/b/k?X-Amz-Credential=k%2F20260101%2Fus-west-2%2Fs3%2Faws4_request&X-Amz-Signature=0"

    assert scope_of(request(target=target), HOSTS) == Scope("s3", "us-west-2")


@pytest.mark.parametrize(
    ("signed", "service"),
    [
        (request(target="/b/k?AWSAccessKeyId=k&Signature=s&Expires=1"), "s3"),
        (request(authorization="AWS key:signature"), "s3"),
        (request(target="/bucket/public.html"), "s3"),
        (request(host="bucket.s3.eu-west-1.amazonaws.com"), "s3"),
        (request(host="abc.lambda-url.us-east-1.localhost"), "s3"),
        (
            request("POST", x_amz_target="AWSCognitoIdentityProviderService.InitiateAuth"),
            "cognito-idp",
        ),
        (request("POST", "/?Action=AssumeRoleWithWebIdentity&Version=1"), "sts"),
    ],
)
def test_what_aws_answers_unsigned_passes(signed, service):
    assert scope_of(signed, HOSTS).service == service


@pytest.mark.parametrize(
    "unsigned",
    [
        request(),
        request("POST"),
        request(target="/_ministack/reset"),
        request("POST", x_amz_target="DynamoDB_20120810.ListTables"),
        request(target="/bucket/x", x_amz_target="Kinesis_20131202.ListStreams"),
        request("POST", "/?Action=CreateUser"),
    ],
)
def test_what_has_to_be_signed_is_refused_unsigned(unsigned):
    with pytest.raises(UnsignedError):
        scope_of(unsigned, HOSTS)


@pytest.mark.parametrize("host", ["web-1.elb.amazonaws.com", "example.com:80", "127.9.1.1", ""])
def test_an_unsigned_request_for_somebody_else_is_refused(host):
    with pytest.raises(UnknownHostError):
        scope_of(request(target="/bucket/key", host=host), HOSTS)


def test_a_refusal_says_why_and_never_reaches_the_emulator():
    seen = []

    async def emulator(request):
        seen.append(request.target)
        return json_answer(200, {})

    with serving(emulator) as port, endpoint_of([], port) as url:
        unsigned = httpx.get(url)
        elsewhere = httpx.get(url, headers={"Host": "web.elb.amazonaws.com"})

    assert (unsigned.status_code, elsewhere.status_code) == (403, 421)
    assert "not signed" in unsigned.json()["message"]
    assert "does not serve the host web.elb.amazonaws.com" in elsewhere.json()["message"]
    assert seen == []
