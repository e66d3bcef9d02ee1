"""Database proxies refuse connections without TLS."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import all_of, not_true, true

RULE = Rule(
    id="rds-proxy-requires-tls",
    title="Database proxies refuse connections without TLS",
    why=(
        "The proxy would pass passwords on in the clear; its debug log writes queries "
        "with their values."
    ),
    fix="leave the Proxy of PostgresDatabase as it is",
    severity=MEDIUM,
    types=("aws:rds/proxy:Proxy",),
    judge=all_of(true("requireTls"), not_true("debugLogging")),
    before={"requireTls": False},
    after={"requireTls": True},
)
