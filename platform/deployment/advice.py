"""What is worth knowing about a proposed change before anybody agrees to it.

An adviser looks at what a preview found and returns a section of advice, or nothing. The command
line shows the sections between the preview and the question whether to go on; a refusal among them
ends the command there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformctl.deployment.interface import Outcome
from platformctl.errors import PlatformError

LOSING = {"delete": "deleted", "replace": "replaced"}
KEEPING_DATA = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:docdb/cluster:Cluster",
    "aws:dynamodb/table:Table",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:msk/cluster:Cluster",
    "aws:kinesis/stream:Stream",
    "aws:s3/bucket:Bucket",
    "aws:backup/vault:Vault",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
    "aws:sqs/queue:Queue",
)
"""Types whose loss is a loss of data, or of what opens data."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A change that somebody is about to make.

    Attributes:
        environment: The environment.
        preview: What the preview found; its steps are in Pulumi's own words.
    """

    environment: str
    preview: Outcome


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One section of advice.

    Attributes:
        title: Its heading.
        lines: What it says.
        refusal: The error to end with where the change must not be made.
    """

    title: str
    lines: Sequence[str]
    refusal: PlatformError | None = None


Adviser = Callable[[Proposal], Advice | None]


def losses(proposal: Proposal) -> Advice | None:
    """Name what would be deleted or replaced although it keeps data."""
    lines = [
        f"{step['urn'].rpartition('::')[2]} ({kind}) would be {LOSING[step['op']]}{_because(step)}"
        for step in proposal.preview.steps
        if step["op"] in LOSING and (kind := _type_of(step)) in KEEPING_DATA
    ]
    return Advice(title="Data that would be lost", lines=lines) if lines else None


def _type_of(step: Mapping[str, Any]) -> str:
    state = step.get("oldState") or step.get("newState") or {}
    return str(state.get("type", ""))


def _because(step: Mapping[str, Any]) -> str:
    reasons = step.get("replaceReasons") or ()
    return f": {', '.join(reasons)} cannot be changed in place" if reasons else ""
