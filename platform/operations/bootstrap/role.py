"""The role that GitHub workflows assume to deploy, and the identity provider that vouches for them.

No key of AWS is ever stored at GitHub: a workflow shows a token that GitHub signed for its
repository and environment, and gets credentials for an hour.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from platformctl.operations.bootstrap.part import Action, Difference
from platformctl.operations.bootstrap.policies import deploy_policy, trust_policy
from platformctl.operations.bootstrap.target import AUDIENCE, ISSUER, Target

POLICY = "deploy"
SESSION_SECONDS = 3600


class IdentityProvider:
    """GitHub as an identity provider of the account."""

    name = "identity provider"

    def __init__(self, target: Target, iam: Any) -> None:
        self._target = target
        self._iam = iam

    def look(self) -> Sequence[Difference]:
        """Find out whether it is there and knows our audience."""
        arn = self._target.arn("iam", f"oidc-provider/{ISSUER}", region=False)
        try:
            found = self._iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        except self._iam.exceptions.NoSuchEntityException:
            return [self._difference(Action.CREATE, f"https://{ISSUER}", self._create)]
        if AUDIENCE in found["ClientIDList"]:
            return []

        def add() -> None:
            self._iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=AUDIENCE
            )

        return [self._difference(Action.REPAIR, f"it does not know {AUDIENCE}", add)]

    def _difference(self, action: Action, detail: str, mend: Callable[[], Any]) -> Difference:
        return Difference(part=self.name, action=action, detail=detail, mend=mend)

    def _create(self) -> None:
        tags = [{"Key": key, "Value": value} for key, value in self._target.tags.items()]
        self._iam.create_open_id_connect_provider(
            Url=f"https://{ISSUER}", ClientIDList=[AUDIENCE], Tags=tags
        )


class DeployRole:
    """The role."""

    name = "deploy role"

    def __init__(self, target: Target, iam: Any) -> None:
        self._target = target
        self._iam = iam

    def look(self) -> Sequence[Difference]:
        """Find out whether it is there, trusts the repository alone, and may deploy."""
        try:
            role = self._iam.get_role(RoleName=self._target.role)["Role"]
        except self._iam.exceptions.NoSuchEntityException:
            detail = f"{self._target.role}, for {self._target.repository}"
            return [self._difference(Action.CREATE, detail, self._create)]
        found = []
        if role["AssumeRolePolicyDocument"] != trust_policy(self._target):
            detail = f"it does not trust {self._target.repository} alone"
            found.append(self._difference(Action.REPAIR, detail, self._trust))
        if self._permissions() != deploy_policy(self._target):
            detail = "it may not do what a deployment does, or more"
            found.append(self._difference(Action.REPAIR, detail, self._permit))
        return found

    def _permissions(self) -> Any:
        try:
            found = self._iam.get_role_policy(RoleName=self._target.role, PolicyName=POLICY)
        except self._iam.exceptions.NoSuchEntityException:
            return None
        return found["PolicyDocument"]

    def _difference(self, action: Action, detail: str, mend: Callable[[], Any]) -> Difference:
        return Difference(part=self.name, action=action, detail=detail, mend=mend)

    def _create(self) -> None:
        tags = [{"Key": key, "Value": value} for key, value in self._target.tags.items()]
        self._iam.create_role(
            RoleName=self._target.role,
            AssumeRolePolicyDocument=json.dumps(trust_policy(self._target)),
            Description=f"Deploys {self._target.project} {self._target.environment} from GitHub",
            MaxSessionDuration=SESSION_SECONDS,
            Tags=tags,
        )
        self._permit()

    def _trust(self) -> None:
        self._iam.update_assume_role_policy(
            RoleName=self._target.role, PolicyDocument=json.dumps(trust_policy(self._target))
        )

    def _permit(self) -> None:
        self._iam.put_role_policy(
            RoleName=self._target.role,
            PolicyName=POLICY,
            PolicyDocument=json.dumps(deploy_policy(self._target)),
        )
