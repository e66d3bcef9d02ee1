"""When the objects of a bucket move on or go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ABANDONED_UPLOAD_DAYS = 7
FIRST_INFREQUENT_DAYS = 30
"""S3 moves nothing to storage for rare reads earlier."""


@dataclass(frozen=True, kw_only=True)
class LifecycleRule:
    """When objects move on or go.

    Attributes:
        key: Stable name of the rule.
        prefix: Objects it is about; all without it.
        expire_days: Days until an object is deleted; never without it.
        intelligent_days: Days until S3 decides by itself where it lies; 0 from the beginning.
        infrequent_days: Days until it moves to storage for rare reads, 30 or more.
        archive_days: Days until it moves to the archive (Glacier).
        expire_old_versions_days: Days until a replaced version is deleted; never without it.
    """

    key: str
    prefix: str = ""
    expire_days: int | None = None
    intelligent_days: int | None = None
    infrequent_days: int | None = None
    archive_days: int | None = None
    expire_old_versions_days: int | None = None

    def transitions(self) -> list[tuple[int, str]]:
        """Return when objects move where, in order."""
        places = (
            (self.intelligent_days, "INTELLIGENT_TIERING"),
            (self.infrequent_days, "STANDARD_IA"),
            (self.archive_days, "GLACIER"),
        )
        return sorted((days, place) for days, place in places if days is not None)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for what S3 refuses."""
        if self.infrequent_days is not None and self.infrequent_days < FIRST_INFREQUENT_DAYS:
            yield (
                f"lifecycle {self.key!r} has infrequent_days {self.infrequent_days}: must be "
                f"{FIRST_INFREQUENT_DAYS} or more"
            )
        last = max((days for days, _ in self.transitions()), default=-1)
        if self.expire_days is not None and self.expire_days <= last:
            yield f"lifecycle {self.key!r} expires objects before they have moved"


def lifecycle_rules(wanted: Sequence[LifecycleRule]) -> list[dict[str, Any]]:
    """Return rules as S3 has them, and the one about uploads that nobody finished."""
    rules: list[dict[str, Any]] = [
        {
            "id": "abandoned-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": ABANDONED_UPLOAD_DAYS},
        }
    ]
    for rule in wanted:
        entry: dict[str, Any] = {
            "id": rule.key,
            "status": "Enabled",
            "filter": {"prefix": rule.prefix},
        }
        if rule.expire_days is not None:
            entry["expiration"] = {"days": rule.expire_days}
        if rule.transitions():
            entry["transitions"] = [
                {"days": days, "storage_class": place} for days, place in rule.transitions()
            ]
        if rule.expire_old_versions_days is not None:
            entry["noncurrent_version_expiration"] = {
                "noncurrent_days": rule.expire_old_versions_days
            }
        rules.append(entry)
    return rules
