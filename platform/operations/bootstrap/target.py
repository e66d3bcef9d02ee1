"""What a bootstrap is about, and the names that follow from it."""

import re
from dataclasses import dataclass

from platformctl.errors import InvocationError

ISSUER = "token.actions.githubusercontent.com"
"""Who signs the tokens of GitHub Actions."""
AUDIENCE = "sts.amazonaws.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, kw_only=True)
class Target:
    """The account, the project and the environment that are made ready for each other.

    Attributes:
        project: Name of the Pulumi project.
        environment: Name of the environment.
        account: AWS account id.
        region: Region of the state and of the environment.
        recovery_region: The other region that the environment deploys into, if any.
        repository: GitHub repository `owner/name` whose workflows may deploy; no role without one.

    Raises:
        InvocationError: The repository is not one of GitHub's names.
    """

    project: str
    environment: str
    account: str
    region: str
    recovery_region: str | None = None
    repository: str | None = None

    def __post_init__(self) -> None:
        if self.repository is not None and not _REPOSITORY.fullmatch(self.repository):
            raise InvocationError(
                f"{self.repository!r} cannot be a GitHub repository",
                why="its name is of the form owner/name",
            )

    @property
    def bucket(self) -> str:
        """The bucket of every state of the project in this account; unique in all of AWS."""
        return f"{self.project}-state-{self.account}-{self.region}"

    @property
    def state_alias(self) -> str:
        """The key that the bucket is encrypted with."""
        return f"alias/{self.project}-state"

    @property
    def secrets_alias(self) -> str:
        """The key that the environment's secrets in the state are sealed with."""
        return f"alias/{self.project}-{self.environment}-secrets"

    @property
    def role(self) -> str:
        """The role that workflows assume to deploy the environment."""
        return f"{self.project}-{self.environment}-deploy"

    @property
    def backend_url(self) -> str:
        """The backend as Pulumi names it."""
        return f"s3://{self.bucket}?region={self.region}"

    @property
    def secrets_provider(self) -> str:
        """The secrets provider as Pulumi names it."""
        return f"awskms://{self.secrets_alias}?region={self.region}"

    @property
    def tags(self) -> dict[str, str]:
        """Tags of everything that is made."""
        return {"Project": self.project, "Component": "bootstrap", "ManagedBy": "platformctl"}

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """Return an ARN in the account."""
        return f"arn:aws:{service}:{self.region if region else ''}:{self.account}:{resource}"
