"""AWS Signature Version 4 for one request to S3, without loading botocore into the edge."""

import hashlib
import hmac
from datetime import UTC, datetime

UNSIGNED = "UNSIGNED-PAYLOAD"


def sign(
    method: str,
    host: str,
    path: str,
    region: str,
    access_key: str,
    secret_key: str,
    moment: datetime | None = None,
) -> dict[str, str]:
    """Return the headers that sign a request without a query; its body is not covered.

    Source: AWS, "Signature Version 4 signing process".
    """
    moment = moment or datetime.now(UTC)
    stamp = f"{moment:%Y%m%dT%H%M%SZ}"
    scope = f"{moment:%Y%m%d}/{region}/s3/aws4_request"
    headers = {"host": host, "x-amz-content-sha256": UNSIGNED, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"{method}\n{path}\n\n{lines}\n{names}\n{UNSIGNED}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    credential = f"Credential={access_key}/{scope}"
    return {
        **headers,
        "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, "
        f"Signature={signature}",
    }
