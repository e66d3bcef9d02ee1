"""Record sets and their answers, for tests of Route 53."""

from typing import Any


def record(name: str, kind: str = "A", *values: str, ttl: int = 60, **more: Any) -> dict[str, Any]:
    """Return a record set, by default with one address."""
    found: dict[str, Any] = {"Name": name, "Type": kind, **more}
    if "AliasTarget" in more:
        return found
    return found | {
        "TTL": ttl,
        "ResourceRecords": [{"Value": value} for value in values or ("10.0.0.1",)],
    }


def change(dns: Any, zone: tuple[str, str], *changes: tuple[str, dict[str, Any]]) -> Any:
    """Change record sets of a zone in one batch of (action, record set)."""
    batch = {"Changes": [{"Action": a, "ResourceRecordSet": r} for a, r in changes]}
    return dns.change_resource_record_sets(HostedZoneId=zone[0], ChangeBatch=batch)


def ask(dns: Any, zone: tuple[str, str], name: str, kind: str = "A") -> list[str]:
    """Return what the name servers answer."""
    answer = dns.test_dns_answer(HostedZoneId=zone[0], RecordName=name, RecordType=kind)
    return answer["RecordData"]
