"""Daily and weekly windows (UTC) as RDS, DocumentDB and ElastiCache write them."""

import re
from collections.abc import Iterator

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(f"{_TIME}-{_TIME}")
_WEEKLY = re.compile(f"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}", re.IGNORECASE)


def window_mistakes(backup: str, maintenance: str, *, shortest: int = 30) -> Iterator[str]:
    """Yield one sentence for each window that AWS refuses.

    Args:
        backup: Daily window for backups, such as `03:00-04:00`.
        maintenance: Weekly window, such as `Mon:04:00-Mon:05:00`.
        shortest: Fewest minutes of a window.
    """
    daily, weekly = _daily(backup), _weekly(maintenance)
    if daily is None:
        yield f"the daily window is {backup!r}: must read like 03:00-04:00"
    if weekly is None:
        yield f"maintenance_window is {maintenance!r}: must read like Mon:04:00-Mon:05:00"
    for said, window in ((backup, daily), (maintenance, weekly)):
        if window is not None and window[1] < shortest:
            yield f"the window {said!r} has {window[1]} minutes: at least {shortest} are needed"
    if daily is not None and weekly is not None and _overlap(daily, weekly):
        yield f"the daily window {backup!r} overlaps maintenance_window {maintenance!r}"


def _daily(text: str) -> tuple[int, int] | None:
    """Return the first minute of the day and the length, None where it is no window."""
    found = _DAILY.fullmatch(text)
    if found is None:
        return None
    hours = [int(part) for part in found.groups()]
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    return begin, (end - begin) % DAY


def _weekly(text: str) -> tuple[int, int] | None:
    """Return the first minute of the week and the length, None where it is no window."""
    found = _WEEKLY.fullmatch(text)
    if found is None:
        return None
    parts = found.groups()
    begin, end = (
        DAYS.index(day.lower()) * DAY + int(hour) * 60 + int(minute)
        for day, hour, minute in (parts[:3], parts[3:])
    )
    return begin, (end - begin) % WEEK


def _overlap(daily: tuple[int, int], weekly: tuple[int, int]) -> bool:
    taken = {(weekly[0] + minute) % WEEK for minute in range(weekly[1])}
    days = range(0, WEEK, DAY)
    return any(
        (day + daily[0] + minute) % WEEK in taken for day in days for minute in range(daily[1])
    )
