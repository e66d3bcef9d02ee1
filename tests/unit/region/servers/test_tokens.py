"""Access tokens of Kafka's IAM authentication, made by botocore, judged by the front."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.servers.front.kafka import SignIn
from platformctl.region.servers.front.tokens import ACTION, Signer

SIGNER = Signer("us-east-1", "key", "secret")


def token(action: str = ACTION, session: str | None = None) -> str:
    host = "https://kafka.us-east-1.amazonaws.com/"
    request = AWSRequest(method="GET", url=host, params={"Action": action})
    credentials = Credentials("key", "secret", session)
    SigV4QueryAuth(credentials, "kafka-cluster", "us-east-1", expires=900).add_auth(request)
    url = f"{request.url}&User-Agent=test"
    return base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("session", [None, "a+session/token=="])
def test_a_token_signed_with_the_key_is_good_until_it_expires(session):
    made = token(session=session)
    SIGNER.check(made)
    with pytest.raises(ValueError, match="expired"):
        SIGNER.check(made, datetime.now(UTC) + timedelta(seconds=901))
    with pytest.raises(ValueError, match="future"):
        SIGNER.check(made, datetime.now(UTC) - timedelta(hours=1))


def test_a_token_for_another_action_is_none():
    with pytest.raises(ValueError, match=ACTION):
        SIGNER.check(token("kafka-cluster:DescribeCluster"))


@pytest.mark.parametrize("text", ["", "%%%", "bm90IGEgdXJs", "w7/Dvw"])
def test_anything_else_is_refused_with_a_reason(text):
    with pytest.raises(ValueError, match="token"):
        SIGNER.check(text)


@settings(deadline=None)
@given(st.binary(min_size=8, max_size=200), st.sampled_from([17, 18, 36, 3]))
def test_whatever_a_client_sends_first_is_answered_or_refused(body: bytes, key: int):
    sign_in = SignIn(SIGNER, {3: (0, 9)})
    try:
        answer = sign_in.answer(key.to_bytes(2, "big") + body)
    except ValueError:
        answer = b""
    assert not sign_in.done
    assert answer == b"" or int.from_bytes(answer[:4], "big") == len(answer) - 4
