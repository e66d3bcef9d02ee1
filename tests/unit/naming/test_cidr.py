"""Address slots: fixed, disjoint, inside the VPC."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformctl.naming import cidr

ZONES = st.sampled_from([f"us-east-1{letter}" for letter in "abcdefghi"])
TIERS = st.sampled_from(sorted(cidr.FIRST_SLOT))


@st.composite
def vpcs(draw):
    prefix = draw(st.integers(16, cidr.LARGEST_PREFIX))
    number = draw(st.integers(0, 2 ** (prefix - 8) - 1))
    start = int(IPv4Network("10.0.0.0/8").network_address)
    return IPv4Network((start + (number << (32 - prefix)), prefix))


@pytest.mark.parametrize(
    ("tier", "thirds"), [("public", (1, 2, 3)), ("app", (11, 12, 13)), ("data", (21, 22, 23))]
)
def test_the_documents_addresses_come_out(tier, thirds):
    blocks = [cidr.subnet_cidr("10.0.0.0/16", tier, f"us-east-1{zone}") for zone in "abc"]

    assert blocks == [f"10.0.{third}.0/24" for third in thirds]


@given(vpcs(), TIERS, ZONES)
def test_every_subnet_is_inside_its_vpc(vpc, tier, zone):
    subnet = IPv4Network(cidr.subnet_cidr(str(vpc), tier, zone))

    assert subnet.subnet_of(vpc)
    assert subnet.prefixlen == vpc.prefixlen + 8


@given(vpcs(), st.lists(st.tuples(TIERS, ZONES), min_size=2, unique=True))
def test_no_two_subnets_overlap(vpc, places):
    blocks = [IPv4Network(cidr.subnet_cidr(str(vpc), *place)) for place in places]

    assert not any(
        one.overlaps(other) for number, one in enumerate(blocks) for other in blocks[:number]
    )


def test_there_is_room_for_a_fourth_zone_and_a_spare_tier():
    assert cidr.subnet_cidr("10.0.0.0/16", "app", "us-east-1d") == "10.0.14.0/24"
    assert cidr.subnet_cidr("10.0.0.0/16", "spare", "us-east-1a") == "10.0.31.0/24"


@pytest.mark.parametrize("zone", ["us-east-1z", "us-east-1", "us-east-1j"])
def test_a_zone_without_a_slot_is_refused(zone):
    with pytest.raises(ValueError, match="letters a to i"):
        cidr.subnet_cidr("10.0.0.0/16", "app", zone)


def test_a_vpc_too_small_for_its_subnets_is_refused():
    with pytest.raises(ValueError, match="too small"):
        cidr.subnet_cidr("10.0.0.0/21", "app", "us-east-1a")
