"""When something happens: the expressions of EventBridge Scheduler and Application Auto Scaling."""

import re
from collections.abc import Iterator

_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_CRON_FIELD = re.compile(r"[0-9A-Za-z*?/,\-#]+")


def schedule_mistakes(name: str, expression: str) -> Iterator[str]:
    """Yield a sentence if an expression is none that AWS accepts.

    Args:
        name: The argument, for the sentence.
        expression: `at(...)`, `rate(...)` or `cron(...)`.
    """
    said = f"{name} is {expression!r}"
    if _AT.fullmatch(expression):
        return
    if rate := _RATE.fullmatch(expression):
        if (rate[1] == "1") == bool(rate[3]):
            yield f"{said}: the unit is in the singular after 1 and in the plural after more"
        return
    cron = _CRON.fullmatch(expression)
    if cron is None or not all(_CRON_FIELD.fullmatch(field) for field in cron.groups()):
        yield f"{said}: must be at(...), rate(...) or cron(...) of six fields"
    elif (cron[3] == "?") == (cron[5] == "?"):
        yield f"{said}: exactly one of day of month and day of week must be ?"
