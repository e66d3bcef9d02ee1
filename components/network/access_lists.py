"""Network ACLs as a table: the coarse, stateless fence around each tier.

Security groups decide who talks to whom; these only keep the internet out of what is private.
Answers to outgoing connections come back on ephemeral ports, in two ranges that leave out 3389
(remote desktop), which no rule may open.
"""

from dataclasses import dataclass

EPHEMERAL = ((1024, 3388), (3390, 65535))


@dataclass(frozen=True)
class AccessRule:
    """One rule that allows traffic.

    Attributes:
        number: Its place; lower numbers are looked at first.
        egress: Whether it is about outgoing traffic.
        ports: First and last TCP port; None for all traffic.
        anywhere: Whether the other side may be the internet rather than the VPC only.
    """

    number: int
    egress: bool = False
    ports: tuple[int, int] | None = None
    anywhere: bool = False


_WITHIN_VPC = (AccessRule(100), AccessRule(100, egress=True))
_ANSWERS = (
    AccessRule(130, ports=EPHEMERAL[0], anywhere=True),
    AccessRule(140, ports=EPHEMERAL[1], anywhere=True),
)
_OUT = AccessRule(110, egress=True, anywhere=True)

RULES: dict[str, tuple[AccessRule, ...]] = {
    "public": (
        *_WITHIN_VPC,
        AccessRule(110, ports=(80, 80), anywhere=True),
        AccessRule(120, ports=(443, 443), anywhere=True),
        *_ANSWERS,
        _OUT,
    ),
    "app": (*_WITHIN_VPC, *_ANSWERS, _OUT),
    "data": _WITHIN_VPC,
    "spare": _WITHIN_VPC,
}
