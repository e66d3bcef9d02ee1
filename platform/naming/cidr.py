"""Fixed address slots: which /24 a tier has in a zone, once and for all.

A slot depends on the tier and on the letter of the zone only, never on a position in a list, so
adding, removing or reordering zones or tiers moves nothing. With a VPC of 10.0.0.0/16::

    tier     zone a       zone b       zone c       room up to
    public   10.0.1.0     10.0.2.0     10.0.3.0     10.0.9.0
    app      10.0.11.0    10.0.12.0    10.0.13.0    10.0.19.0
    data     10.0.21.0    10.0.22.0    10.0.23.0    10.0.29.0
    spare    10.0.31.0    10.0.32.0    10.0.33.0    10.0.39.0
"""

from ipaddress import IPv4Network
from string import ascii_lowercase

FIRST_SLOT = {"public": 0, "app": 10, "data": 20, "spare": 30}
ZONES_PER_TIER = 9
SUBNET_BITS = 8
LARGEST_PREFIX = 20


def zone_letter(zone: str) -> str:
    """Return the letter of an availability zone: `a` for `us-east-1a`."""
    return zone[-1]


def slot(tier: str, zone: str) -> int:
    """Return the number of the subnet that a tier has in a zone.

    Raises:
        KeyError: There is no such tier.
        ValueError: The zone does not end in one of the letters a to i.
    """
    number = ascii_lowercase.find(zone_letter(zone)) + 1
    if not 1 <= number <= ZONES_PER_TIER:
        raise ValueError(f"{zone!r} does not end in one of the letters a to i")
    return FIRST_SLOT[tier] + number


def subnet_cidr(vpc_cidr: str, tier: str, zone: str) -> str:
    """Return the block of a tier in a zone, eight bits smaller than its VPC.

    Raises:
        KeyError: There is no such tier.
        ValueError: The VPC's block is smaller than /20, or the zone has no slot.
    """
    vpc = IPv4Network(vpc_cidr)
    if vpc.prefixlen > LARGEST_PREFIX:
        raise ValueError(f"{vpc_cidr} is too small: subnets need a VPC of /16 to /{LARGEST_PREFIX}")
    prefix = vpc.prefixlen + SUBNET_BITS
    start = int(vpc.network_address) + slot(tier, zone) * 2 ** (32 - prefix)
    return str(IPv4Network((start, prefix)))
