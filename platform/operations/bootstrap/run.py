"""Makes an AWS account ready for an environment.

What has to be there is a list of parts in the order in which they need each other. `plan` looks at
each and returns what is missing or has drifted; `carry_out` mends that, and looks again after each
part, as a part that was made can bring to light what the next one lacks. Running it twice finds
nothing the second time.
"""

from collections.abc import Callable, Sequence
from typing import Any

from platformctl.deployment.project import Project
from platformctl.operations.bootstrap.bucket import StateBucket
from platformctl.operations.bootstrap.files import ProjectFile, StackFile
from platformctl.operations.bootstrap.keys import Key
from platformctl.operations.bootstrap.part import Difference, Part
from platformctl.operations.bootstrap.role import DeployRole, IdentityProvider
from platformctl.operations.bootstrap.target import Target

Clients = Callable[[str, str], Any]


def parts(target: Target, clients: Clients, project: Project | None) -> Sequence[Part]:
    """Return what has to be there, in the order in which one needs the other.

    Args:
        target: What the bootstrap is about.
        clients: Makes boto3 clients: (service, region).
        project: The project whose files shall name the backend; None to leave files alone.
    """
    kms = clients("kms", target.region)
    state_key = Key("state key", target.state_alias, "Encrypts the state bucket", target, kms)
    secrets = f"Seals the secrets of {target.environment}"
    wanted: list[Part] = [
        state_key,
        StateBucket(target, clients("s3", target.region), state_key),
        Key("secrets key", target.secrets_alias, secrets, target, kms),
    ]
    if target.repository is not None:
        iam = clients("iam", target.region)
        wanted += [IdentityProvider(target, iam), DeployRole(target, iam)]
    if project is not None:
        wanted += [ProjectFile(target, project), StackFile(target, project)]
    return wanted


def plan(wanted: Sequence[Part]) -> list[Difference]:
    """Return what is missing or has drifted; changes nothing."""
    return [difference for part in wanted for difference in part.look()]


def carry_out(wanted: Sequence[Part], on_mended: Callable[[Difference], None]) -> list[Difference]:
    """Mend everything, part by part, and return what was done.

    Args:
        wanted: What has to be there.
        on_mended: Told after each difference that was put right.
    """
    done: list[Difference] = []
    for part in wanted:
        for difference in part.look():
            difference.mend()
            on_mended(difference)
            done.append(difference)
    return done
