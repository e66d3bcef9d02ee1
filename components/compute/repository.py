"""Where images are kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component


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
