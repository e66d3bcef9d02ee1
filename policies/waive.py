"""`waive`: a program says that a rule need not be kept by one of its resources."""

import datetime as dt

import pulumi

from platformctl.errors import ConfigurationError
from platformctl.policies.waivers import TYPE, Waiver


def waive(
    resource: pulumi.Resource, rule: str, *, reason: str, owner: str, until: str, ticket: str = ""
) -> pulumi.ComponentResource:
    """Waive a rule for a resource, or for a component and everything in it.

    The waiver is a component below the resource. It costs nothing, needs no provider, and is seen
    by every engine; reports list it, and whether it is still needed.

    Args:
        resource: The resource or component.
        rule: Id of the rule, in full.
        reason: Why it may be so.
        owner: Who answers for it.
        until: Last day on which it holds, such as `2027-01-31`; at most 180 days ahead.
        ticket: Where it is being worked on.

    Raises:
        ConfigurationError: Something is not said, or cannot be; names every mistake.
    """
    # The resource's URN is known to the engine only; any text that is not a pattern stands for it.
    waiver = Waiver(
        rule=rule,
        resource="the resource",
        reason=reason.strip(),
        owner=owner.strip(),
        until=_day(rule, until),
        ticket=ticket,
    )
    mistakes = waiver.mistakes(dt.datetime.now(dt.UTC).date())
    if mistakes:
        raise ConfigurationError(f"{rule} cannot be waived", why="; ".join(mistakes))
    return _Waiver(
        f"{resource.pulumi_resource_name}-{rule}",
        {"rule": rule, "reason": reason, "owner": owner, "until": until, "ticket": ticket},
        pulumi.ResourceOptions(parent=resource),
    )


class _Waiver(pulumi.ComponentResource):
    def __init__(self, name: str, said: dict[str, str], options: pulumi.ResourceOptions) -> None:
        said = {key: value for key, value in said.items() if value}
        super().__init__(TYPE, name, said, options)
        self.register_outputs(said)


def _day(rule: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{rule} cannot be waived", why=f"{text!r} is not a day such as 2027-01-31"
        ) from error
