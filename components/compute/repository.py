"""Where images are kept."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

# What ECR accepts (CreateRepository).
_NAME = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
NAME_LENGTHS = (2, 256)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, kw_only=True)
class ImageRepositoryArgs(Args):
    """What a repository is.

    Attributes:
        repository_name: Its name in ECR: the name of the image.
        keep_images: Tagged images to keep; older ones go.
        untagged_days: Days that untagged images are kept.
        key_arn: KMS key; ECR's own encryption without it. Changing it makes a new repository.
        force_delete: Whether deleting the repository deletes its images.
    """

    repository_name: str
    keep_images: int = 50
    untagged_days: int = 7
    key_arn: pulumi.Input[str] | None = None
    force_delete: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        low, high = NAME_LENGTHS
        if not low <= len(self.repository_name) <= high or not _NAME.fullmatch(
            self.repository_name
        ):
            yield (
                f"repository_name is {self.repository_name!r}: small letters, digits and single "
                f"., -, _ and / between them, {low} to {high}"
            )
        for name in ("keep_images", "untagged_days"):
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}: must be at least 1"


class ImageRepository(Component):
    """An ECR repository: tags never move, images are scanned when pushed, old ones go.

    Example::

        ImageRepository("shop", ImageRepositoryArgs(repository_name="shop"))

    Monthly cost: $0.10/GB, so 50 images of 100 MB are $0.50.

    Attributes:
        url: Repository part of an image reference.
        arn: ARN of the repository.
    """

    url: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:ImageRepository", name, args, opts)
        managed = {"encryption_type": "KMS", "kms_key": args.key_arn}
        self.repository = self.child(
            "",
            aws.ecr.Repository,
            name=args.repository_name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[
                managed if args.key_arn is not None else {"encryption_type": "AES256"}
            ],
            force_delete=args.force_delete,
        )
        self.child(
            "lifecycle",
            aws.ecr.LifecyclePolicy,
            repository=self.repository.name,
            policy=_lifecycle(args),
        )
        self.url = self.repository.repository_url
        self.arn = self.repository.arn
        self.finish("url", "arn")


def _lifecycle(args: ImageRepositoryArgs) -> str:
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": args.untagged_days,
    }
    surplus = {
        "tagStatus": "any",
        "countType": "imageCountMoreThan",
        "countNumber": args.keep_images,
    }
    rules = [
        {"rulePriority": 1, "description": "Untagged", "selection": untagged},
        {"rulePriority": 2, "description": "Surplus", "selection": surplus},
    ]
    return json.dumps({"rules": [{**rule, "action": {"type": "expire"}} for rule in rules]})


@dataclass(frozen=True, kw_only=True)
class RegistryReplicationArgs(Args):
    """Where images are copied to.

    Attributes:
        account: Account of the copies; usually the registry's own.
        regions: Regions of the copies.
        prefixes: First parts of the repositories' names; all repositories without any.
    """

    account: pulumi.Input[str]
    regions: Sequence[str]
    prefixes: Sequence[str] = ()

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not self.regions:
            yield "regions is empty: name at least one"
        for region in self.regions:
            if not _REGION.fullmatch(region):
                yield f"regions has {region!r}: not a region"


class RegistryReplication(Component):
    """Copies of every image that is pushed, in other regions; a registry has one such setting.

    Example::

        RegistryReplication("images", RegistryReplicationArgs(
            account=account_id, regions=["us-west-2"], prefixes=["analytics"]))

    Monthly cost: $0.10/GB for the copies and $0.02/GB for their way.

    Attributes:
        registry_id: Account of the registry.
    """

    registry_id: pulumi.Output[str]

    def __init__(
        self, name: str, args: RegistryReplicationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("compute:RegistryReplication", name, args, opts)
        rule: dict[str, Any] = {
            "destinations": [
                {"region": region, "registry_id": args.account} for region in sorted(args.regions)
            ]
        }
        if args.prefixes:
            rule["repository_filters"] = [
                {"filter": prefix, "filter_type": "PREFIX_MATCH"}
                for prefix in sorted(args.prefixes)
            ]
        self.replication = self.child(
            "",
            aws.ecr.ReplicationConfiguration,
            replication_configuration={"rules": [rule]},
        )
        self.registry_id = self.replication.registry_id
        self.finish("registry_id")
