"""Load balancers accept TLS 1.2 and newer only."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import none_of, one_of

RULE = Rule(
    id="alb-listener-modern-tls",
    title="Load balancers accept TLS 1.2 and newer only",
    why="Older versions have known breaks; no browser of this decade needs them.",
    fix="leave `ssl_policy` to ApplicationLoadBalancer (`ELBSecurityPolicy-TLS13-1-2-2021-06`)",
    severity=HIGH,
    types=("aws:lb/listener:Listener",),
    judge=one_of(
        "sslPolicy",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    ),
    unless=none_of("protocol", "HTTPS", "TLS"),
    before={"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"},
    after={"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
)
