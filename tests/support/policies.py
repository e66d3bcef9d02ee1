"""Resources and stacks for tests of policies, written as engines write them."""

import textwrap
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformctl.engine import Backend, Engine
from platformctl.operations.policy.rehearsal import paper_providers, record
from platformctl.policies.rule import Undetermined, Violation
from platformctl.policies.settings import settings_for
from platformctl.policies.view import stack_view

REPOSITORY = Path(__file__).resolve().parents[2]
PACK = REPOSITORY / "policies"
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


def judged(rule, *resources, environment="production", costs=None, **options):
    """Return what a rule about whole stacks finds: (status, name of the resource, path)."""
    stack = view(*resources, **options)
    return [
        (
            "violates" if isinstance(each, Violation) else "unknown",
            each.urn.rpartition("::")[2],
            each.path,
        )
        for each in rule.judge(stack, replace(settings_for(environment), costs=costs or {}))
    ]


@dataclass
class Program:
    """A Pulumi program of AWS resources, run by our engine on paper.

    Attributes:
        folder: An empty folder.
        stack: Name of the stack.
        events: Engine events of the last run.
    """

    folder: Path
    stack: str = "production"
    events: list[Any] = field(default_factory=list)

    def run(self, source, *, packs=(), preview=False):
        """Run a program and return its resources as a checkpoint has them."""
        program = self.folder / "program"
        program.mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        header = (
            "import pulumi\nimport pulumi_aws as aws\n"
            "from platformctl.policies.waive import waive\n"
        )
        (program / "__main__.py").write_text(header + textwrap.dedent(source))
        self.events.clear()
        state = Backend(self.folder / "state", "passphrase").stack(self.stack)
        engine = Engine(
            state,
            "shop",
            program,
            paper_providers(),
            configuration={"aws:region": "us-east-1"},
            policy_packs=packs,
            on_event=self.events.append,
        )
        if preview:
            engine.preview()
        else:
            engine.up()
        return [record(each) for each in state.read().resources]

    @property
    def told(self):
        """What policies said: (level, rule, name of the resource)."""
        found = [event.policy_event for event in self.events if event.policy_event]
        return sorted(
            (
                str(getattr(each.enforcement_level, "value", each.enforcement_level)),
                each.message.partition("[")[2].partition("]")[0],
                (each.resource_urn or "").rpartition("::")[2],
            )
            for each in found
        )
