"""Resources and stacks for tests of policies, written as engines write them."""

from platformctl.policies.rule import Undetermined, Violation
from platformctl.policies.settings import settings_for
from platformctl.policies.view import stack_view

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi writes a value that is only known after deployment."""

STACK = "urn:pulumi:production::shop::pulumi:pulumi:Stack::shop-production"
PROVIDER = "urn:pulumi:production::shop::pulumi:providers:aws::default"


def secret(value):
    """Return a value as a checkpoint writes it when it is marked as secret."""
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


def urn(token, name):
    return f"urn:pulumi:production::shop::{token}::{name}"


def resource(token, name="it", /, *, parent=STACK, sources=None, outputs=None, **more):
    """Return a resource as a checkpoint records it.

    Args:
        token: Its type.
        name: Its logical name.
        parent: URN of its parent.
        sources: Property → records or URNs that its value comes from.
        outputs: What came back.
        **more: `inputs`, and other fields of the record.
    """
    sources = {
        key: [each if isinstance(each, str) else each["urn"] for each in values]
        for key, values in (sources or {}).items()
    }
    return {
        "urn": urn(token, name),
        "type": token,
        "custom": not token.startswith(("platformctl:", "pulumi:")),
        "parent": parent,
        "provider": f"{PROVIDER}::id",
        "inputs": {},
        "outputs": outputs or {},
        "propertyDependencies": sources,
        "dependencies": [each for values in sources.values() for each in values],
        **more,
    }


def records(*resources, region="us-east-1", default_tags=None):
    """Return a whole stack: root, provider and the resources."""
    configuration = {"region": region}
    if default_tags:
        configuration["defaultTags"] = {"tags": default_tags}
    return [
        {"urn": STACK, "type": "pulumi:pulumi:Stack", "custom": False},
        {
            "urn": PROVIDER,
            "type": "pulumi:providers:aws",
            "custom": True,
            "id": "id",
            "inputs": configuration,
        },
        *resources,
    ]


def view(*resources, **options):
    """Return the view of a stack of these resources."""
    return stack_view(records(*resources, **options))


def verdict(problems):
    """Return in a word what a rule answered; `problems` is None where it is not about it."""
    if problems is None:
        return "not applicable"
    if any(isinstance(each, Exception) for each in problems):
        return "fails"
    if any(isinstance(each, Violation) for each in problems):
        return "violates"
    return "unknown" if any(isinstance(each, Undetermined) for each in problems) else "complies"


def judged(rule, *resources, environment="production", **options):
    """Return what a rule about whole stacks finds: (status, name of the resource, path)."""
    stack = view(*resources, **options)
    return [
        (
            "violates" if isinstance(each, Violation) else "unknown",
            each.urn.rpartition("::")[2],
            each.path,
        )
        for each in rule.judge(stack, settings_for(environment))
    ]
