"""Hosted zones and their record sets, judged by boto3."""

import pytest
from botocore.exceptions import ClientError
from support.names import change, record


def names(dns, zone):
    listed = dns.list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
    return [(each["Name"], each["Type"]) for each in listed]


def refusal(caught):
    return caught.value.response["Error"]["Message"]


def test_a_new_zone_has_its_own_records_and_four_name_servers(dns, zone):
    identity, name = zone
    described = dns.get_hosted_zone(Id=identity)

    assert described["HostedZone"]["Name"] == f"{name}."
    assert described["HostedZone"]["ResourceRecordSetCount"] == 2
    assert len(described["DelegationSet"]["NameServers"]) == 4
    assert names(dns, zone) == [(f"{name}.", "NS"), (f"{name}.", "SOA")]


def test_zones_are_found_by_name(dns, zone):
    listed = dns.list_hosted_zones_by_name(DNSName=zone[1])["HostedZones"]

    assert listed[0]["Id"] == f"/hostedzone/{zone[0]}"


def test_a_zone_is_deleted_only_when_it_is_empty(dns, zone):
    entry = record(f"a.{zone[1]}")
    change(dns, zone, ("CREATE", entry))
    with pytest.raises(dns.exceptions.HostedZoneNotEmpty):
        dns.delete_hosted_zone(Id=zone[0])

    change(dns, zone, ("DELETE", entry))
    dns.delete_hosted_zone(Id=zone[0])
    with pytest.raises(dns.exceptions.NoSuchHostedZone):
        dns.get_hosted_zone(Id=zone[0])


def test_record_sets_are_listed_by_their_labels_from_the_right(dns, zone):
    for label in ("b", "x.a", "a", "*"):
        change(dns, zone, ("CREATE", record(f"{label}.{zone[1]}")))

    labels = [name.partition(f".{zone[1]}")[0] for name, kind in names(dns, zone) if kind == "A"]
    assert labels == ["\\052", "a", "x.a", "b"]


def test_a_listing_continues_where_the_page_before_ended(dns, zone):
    change(dns, zone, *(("CREATE", record(f"r{number:02}.{zone[1]}")) for number in range(7)))
    pages = dns.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone[0], PaginationConfig={"PageSize": 3}
    )

    sizes = [len(page["ResourceRecordSets"]) for page in pages]
    assert sizes == [3, 3, 3]


def test_a_change_is_in_force_at_once(dns, zone):
    answer = change(dns, zone, ("UPSERT", record(f"a.{zone[1]}")))

    assert dns.get_change(Id=answer["ChangeInfo"]["Id"])["ChangeInfo"]["Status"] == "INSYNC"


def test_a_batch_with_one_mistake_changes_nothing(dns, zone):
    before = names(dns, zone)
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(
            dns,
            zone,
            ("CREATE", record(f"good.{zone[1]}")),
            ("DELETE", record(f"missing.{zone[1]}")),
        )

    assert f"name='missing.{zone[1]}.', type='A'] but it was not found" in refusal(caught)
    assert names(dns, zone) == before


WRONG = {
    "outside the zone": (lambda z: record("a.elsewhere.test"), "is not permitted in zone"),
    "an alias at the apex as CNAME": (
        lambda z: record(z, "CNAME", "b.test"),
        "is not permitted at apex in zone",
    ),
    "no address": (lambda z: record(f"a.{z}", "A", "1.2.3.400"), "not a valid IPv4 address"),
    "no IPv6 address": (lambda z: record(f"a.{z}", "AAAA", "1.2.3.4"), "not a valid IPv6 address"),
    "text without quotes": (
        lambda z: record(f"a.{z}", "TXT", "plain"),
        "should be enclosed in quotation marks",
    ),
    "mail without priority": (lambda z: record(f"a.{z}", "MX", "mail.test"), "MXRRDATA"),
    "two targets of a CNAME": (
        lambda z: record(f"a.{z}", "CNAME", "b.test", "c.test"),
        "may have only one value",
    ),
    "the same value twice": (
        lambda z: record(f"a.{z}", "A", "10.0.0.1", "10.0.0.1"),
        "Duplicate Resource Record",
    ),
    "a route without a name": (
        lambda z: record(f"a.{z}", Weight=1),
        "Missing field 'SetIdentifier'",
    ),
    "a name without a route": (
        lambda z: record(f"a.{z}", SetIdentifier="x"),
        "Expected a routing policy",
    ),
    "two routes": (
        lambda z: record(f"a.{z}", SetIdentifier="x", Weight=1, Failover="SECONDARY"),
        "Expected one of",
    ),
    "a primary nobody watches": (
        lambda z: record(f"a.{z}", SetIdentifier="x", Failover="PRIMARY"),
        "Missing field 'HealthCheckId'",
    ),
    "neither values nor alias": (
        lambda z: {"Name": f"a.{z}", "Type": "A"},
        "Expected exactly one of [AliasTarget",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_record_set_that_cannot_be_is_refused(case, dns, zone):
    make, sentence = WRONG[case]
    with pytest.raises(ClientError) as caught:
        change(dns, zone, ("CREATE", make(zone[1])))

    assert caught.value.response["Error"]["Code"] in ("InvalidChangeBatch", "InvalidInput")
    assert sentence in refusal(caught)


def test_a_health_check_that_is_named_must_exist(dns, zone):
    with pytest.raises(dns.exceptions.NoSuchHealthCheck):
        change(
            dns,
            zone,
            (
                "CREATE",
                record(f"a.{zone[1]}", SetIdentifier="x", Weight=1, HealthCheckId="none"),
            ),
        )


def test_what_exists_is_not_created_again(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))

    assert "but it already exists" in refusal(caught)


def test_a_deletion_must_name_the_values_that_are_there(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("DELETE", record(f"a.{zone[1]}", "A", "10.0.0.2")))

    assert "do not match the current values" in refusal(caught)


def test_a_cname_stands_alone(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}", "CNAME", "b.test")))
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))

    assert "conflicts with other records" in refusal(caught)


def test_a_simple_record_cannot_stand_beside_a_routed_one(dns, zone):
    change(dns, zone, ("CREATE", record(f"a.{zone[1]}")))
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("CREATE", record(f"a.{zone[1]}", SetIdentifier="x", Weight=1)))

    assert "other RRSets exist with the same name and type" in refusal(caught)


def test_a_zone_keeps_its_name_servers(dns, zone):
    own = dns.list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"][0]
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("DELETE", own))

    assert "must contain at least one NS record" in refusal(caught)


def test_an_alias_in_its_own_zone_needs_its_target(dns, zone):
    target = {"HostedZoneId": zone[0], "DNSName": f"b.{zone[1]}", "EvaluateTargetHealth": True}
    alias = record(f"a.{zone[1]}", AliasTarget=target)
    with pytest.raises(dns.exceptions.InvalidChangeBatch) as caught:
        change(dns, zone, ("CREATE", alias))
    assert "but that target was not found" in refusal(caught)

    change(dns, zone, ("CREATE", record(f"b.{zone[1]}")), ("CREATE", alias))
    assert (f"a.{zone[1]}.", "A") in names(dns, zone)


def test_tags_are_added_changed_and_removed(dns, zone):
    place = {"ResourceType": "hostedzone", "ResourceId": zone[0]}
    dns.change_tags_for_resource(**place, AddTags=[{"Key": k, "Value": "1"} for k in "ab"])
    dns.change_tags_for_resource(**place, AddTags=[{"Key": "a", "Value": "2"}], RemoveTagKeys=["b"])

    tags = dns.list_tags_for_resource(**place)["ResourceTagSet"]["Tags"]
    assert tags == [{"Key": "a", "Value": "2"}]
