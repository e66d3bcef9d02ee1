"""Image repositories."""

from platformctl.provider.context import Context
from platformctl.provider.identity import name, parameter, template
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

ARN = "arn:aws:ecr:{region}:{account}:repository/{id}"
REPOSITORY = {"repositoryName": "{id}"}


def _delete(context: Context) -> None:
    """Delete a repository, with its images when `forceDelete` says so."""
    force = bool(context.inputs.get("forceDelete"))
    context.call("delete_repository", repositoryName=context.id, force=force)


SPECS = (
    ResourceSpec(
        type="aws:ecr/repository:Repository",
        service="ecr",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send("create_repository"),
        answer="repository",
        read=Ask("describe_repositories", {"repositoryNames": ["{id}"]}, "repositories[0]"),
        updates=(
            Update(
                Send(
                    "put_image_tag_mutability",
                    REPOSITORY,
                    only=("imageTagMutability", "imageTagMutabilityExclusionFilters"),
                )
            ),
            Update(
                Send(
                    "put_image_scanning_configuration",
                    REPOSITORY,
                    only=("imageScanningConfiguration",),
                )
            ),
        ),
        delete=_delete,
        names={
            "name": "repositoryName",
            "encryptionConfigurations": "encryptionConfiguration",
        },
        reads={"repositoryUrl": "repositoryUri"},
        outputs={"arn": ARN, "registryId": "{account}"},
        defaults={"imageTagMutability": "MUTABLE", "forceDelete": False},
        name=Name("name", 256, lower=True),
        handled=("forceDelete",),
        tags=Tagging(
            member="tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"resourceArn": ARN},
            read=Ask("list_tags_for_resource", {"resourceArn": ARN}, "tags"),
            tags_member="tags",
            keys_member="tagKeys",
        ),
        note="an image is the source folder of its application, by content digest",
    ),
    ResourceSpec(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        service="ecr",
        identity=parameter("repository"),
        fidelity=Fidelity.API,
        create=Send("put_lifecycle_policy"),
        read=Ask("get_lifecycle_policy", REPOSITORY),
        updates=(Update(Send("put_lifecycle_policy", REPOSITORY, only=("policy",))),),
        delete=Ask("delete_lifecycle_policy", REPOSITORY),
        names={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        outputs={"registryId": "{account}"},
        replace=("repository",),
        note="recorded; no image expires",
    ),
    ResourceSpec(
        type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        service="ecr",
        identity=template("{account}"),
        fidelity=Fidelity.LIVE,
        create=Send("put_replication_configuration"),
        read=Ask("describe_registry", {}, "replicationConfiguration.rules[0] && @"),
        updates=(
            Update(Send("put_replication_configuration", only=("replicationConfiguration",))),
        ),
        delete=Ask("put_replication_configuration", {"replicationConfiguration": {"rules": []}}),
        outputs={"registryId": "{account}"},
        note="what is pushed is copied; the current source is an image in every region by itself",
    ),
)
