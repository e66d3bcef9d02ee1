"""Access tokens of MSK's IAM authentication: a signed URL in base64url, judged as the brokers do.

Source: AWS, "IAM access control" of the Amazon MSK Developer Guide, and "Signature Version 4".
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

ACTION = "kafka-cluster:Connect"
_SERVICE = "kafka-cluster"
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = ("X-Amz-Signature", "User-Agent")
"""Parameters that are added after the rest was signed."""
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Signer:
    """Whose tokens are accepted.

    Attributes:
        region: AWS region that tokens have to be for.
        access_key: The one access key there is.
        secret_key: Its secret.
    """

    region: str
    access_key: str
    secret_key: str

    def check(self, token: str, now: datetime | None = None) -> None:
        """Judge a token.

        Args:
            token: As the client sent it.
            now: The time; by default that of the clock.

        Raises:
            ValueError: It does not let anybody in; says why.
        """
        url = urlsplit(_decoded(token))
        asked = dict(parse_qsl(url.query, keep_blank_values=True))
        if asked.get("Action") != ACTION:
            raise ValueError(f"the token is not for {ACTION}")
        if asked.get("X-Amz-Algorithm") != _ALGORITHM:
            raise ValueError(f"the token is not signed with {_ALGORITHM}")
        key, _, scope = asked.get("X-Amz-Credential", "").partition("/")
        stamp = asked.get("X-Amz-Date", "")
        if scope != f"{stamp[:8]}/{self.region}/{_SERVICE}/aws4_request":
            raise ValueError(f"the token is not for {_SERVICE} in {self.region}")
        if key != self.access_key:
            raise ValueError("the access key does not exist")
        _check_time(stamp, asked.get("X-Amz-Expires", ""), now or datetime.now(UTC))
        expected = self._signature(url.netloc, url.path, asked, scope)
        if not hmac.compare_digest(expected, asked.get("X-Amz-Signature", "")):
            raise ValueError("the signature does not match")

    def _signature(self, host: str, path: str, asked: Mapping[str, str], scope: str) -> str:
        signed = {name: value for name, value in asked.items() if name not in _UNSIGNED}
        query = "&".join(
            f"{quote(k, safe='-_.~')}={quote(signed[k], safe='-_.~')}" for k in sorted(signed)
        )
        nothing = hashlib.sha256(b"").hexdigest()
        canonical = f"GET\n{path or '/'}\n{query}\nhost:{host}\n\nhost\n{nothing}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{_ALGORITHM}\n{asked['X-Amz-Date']}\n{scope}\n{digest}"
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


def _decoded(token: str) -> str:
    padding = "=" * (-len(token) % 4)
    try:
        return base64.b64decode(token + padding, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("the token is not base64url text") from error


def _check_time(stamp: str, seconds: str, now: datetime) -> None:
    try:
        signed = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        until = signed + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError) as error:
        raise ValueError("the token does not say how long it is valid") from error
    if signed > now + _CLOCK_SKEW:
        raise ValueError("the token is from the future")
    if until <= now:
        raise ValueError("the token has expired")
