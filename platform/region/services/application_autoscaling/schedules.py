"""When a scheduled action is due: `at(...)`, `rate(...)` and `cron(...)`."""

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
SECONDS: Mapping[str, int] = {"minute": 60, "hour": 3600, "day": 86400}
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = tuple(month.upper() for month in calendar.month_abbr)


class ScheduleError(ValueError):
    """A schedule that cannot be read; the message says why."""


def due(schedule: str, zone: str, after: float, now: float, *, created: float) -> bool:
    """Say whether a schedule has a moment in (after, now].

    Args:
        schedule: `at(...)`, `rate(...)` or `cron(...)`.
        zone: Time zone of `at` and `cron`, such as `UTC`.
        after: Seconds since the epoch; what was due until then has been done.
        now: Seconds since the epoch.
        created: When the action was made: the first moment of a rate.

    Raises:
        ScheduleError: The schedule or the zone cannot be read.
    """
    timezone = _zone(zone)
    if match := AT.fullmatch(schedule):
        moment = dt.datetime.fromisoformat(match[1]).replace(tzinfo=timezone).timestamp()
        return after < moment <= now
    if match := RATE.fullmatch(schedule):
        seconds = int(match[1]) * SECONDS[match[2]]
        return int((now - created) // seconds) > int((after - created) // seconds)
    if match := CRON.fullmatch(schedule):
        fields = match.groups()
        minute = int(after // 60 + 1) * 60
        return any(
            _matches(fields, dt.datetime.fromtimestamp(moment, timezone))
            for moment in range(minute, int(now) + 1, 60)
        )
    raise ScheduleError(f"{schedule} is not at(...), rate(...) or cron(...)")


def _zone(name: str) -> dt.tzinfo:
    if name in {"UTC", ""}:
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScheduleError(f"there is no time zone {name}") from error


def _matches(fields: tuple[str, ...], moment: dt.datetime) -> bool:
    minute, hour, day, month, weekday, year = fields
    return (
        _has(minute, moment.minute, 0)
        and _has(hour, moment.hour, 0)
        and _has(day, moment.day, 1)
        and _has(month, moment.month, 1, MONTHS)
        and _has(weekday, moment.isoweekday() % 7 + 1, 1, ("", *DAYS))
        and _has(year, moment.year, 1970)
    )


def _has(field: str, value: int, first: int, words: tuple[str, ...] = ()) -> bool:
    for part in field.split(","):
        text, _, step = part.partition("/")
        try:
            every = int(step or 1)
            if text in {"*", "?"}:
                low, high = first, 9999
            else:
                start, _, end = text.partition("-")
                low = _number(start, words)
                high = _number(end, words) if end else (9999 if step else low)
        except ValueError as error:
            raise ScheduleError(f"{field} is not a field of a schedule") from error
        if low <= value <= high and (value - low) % every == 0:
            return True
    return False


def _number(text: str, words: tuple[str, ...]) -> int:
    upper = text.upper()
    return words.index(upper) if upper in words else int(text)
