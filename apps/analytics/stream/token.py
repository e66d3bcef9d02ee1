"""Access tokens for MSK's IAM authentication: a signed URL, valid for 15 minutes."""

import base64
import time

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

LIFETIME_SECONDS = 900


def access_token(region: str, _: str = "") -> tuple[str, float]:
    """Sign `kafka-cluster:Connect` with this process's own credentials.

    Args:
        region: AWS region of the cluster.

    Returns:
        The token and the time, in seconds since the epoch, at which it expires.

    Raises:
        RuntimeError: The process has no AWS credentials.
    """
    credentials = botocore.session.get_session().get_credentials()
    if credentials is None:
        raise RuntimeError("no AWS credentials to sign in to Kafka with")
    request = AWSRequest(
        method="GET",
        url=f"https://kafka.{region}.amazonaws.com/",
        params={"Action": "kafka-cluster:Connect"},
    )
    expires = time.time() + LIFETIME_SECONDS
    SigV4QueryAuth(credentials, "kafka-cluster", region, expires=LIFETIME_SECONDS).add_auth(request)
    url = f"{request.url}&User-Agent=analytics"
    return base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode(), expires
