"""What migrates the database: a task that operations start, never a service."""

import pulumi

from platformctl.components import (
    ContainerCluster,
    ImageRepository,
    ImageRepositoryArgs,
    SecurityGroups,
    StandaloneTask,
    StandaloneTaskArgs,
)
from platformctl.stacks.building.services import (
    AWAITING_TAG,
    database_secrets,
    database_variables,
)
from platformctl.stacks.building.stores import Connection
from platformctl.stacks.layers.security import LOGS, SECRETS
from platformctl.stacks.products.analytics.context import DATABASE, USERNAME, AnalyticsContext

NAME = "migrations"
COMMAND = ("python", "-m", "database", "status")
"""What it does unless it is told more: it only looks."""


def migrations(
    context: AnalyticsContext,
    home: ContainerCluster,
    groups: SecurityGroups,
    store: Connection,
    primary: pulumi.Input[str],
) -> StandaloneTask:
    """Make the task that migrates the database.

    Args:
        context: The product.
        home: Where it runs.
        groups: Groups of the product.
        store: The database as services find it.
        primary: The server itself: a proxy would not keep the session that holds a run's lock.
    """
    shared, app = context.shared, context.app(NAME)
    image = f"{context.product}-{NAME}"
    repository = ImageRepository(
        context.name(NAME),
        ImageRepositoryArgs(
            repository_name=image,
            force_delete=not shared.config.deletion_protection,
            tags=context.tags(NAME),
        ),
        context.options,
    )
    return StandaloneTask(
        context.name(NAME),
        StandaloneTaskArgs(
            task_name=image,
            container_name=NAME,
            region=shared.region,
            cluster_name=home.cluster_name,
            image=pulumi.Output.concat(repository.url, ":", app.digest if app else AWAITING_TAG),
            repository_arn=repository.arn,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[NAME]],
            command=COMMAND,
            environment={
                **database_variables(primary, database=DATABASE, username=USERNAME),
                "DB_READER_HOST": store.reader_address,
            },
            secrets=database_secrets(store),
            secret_arns=[store.secret_arn],
            secret_key_arn=shared.keys.arns[SECRETS],
            stop_timeout=app.stop_timeout if app else 30,
            awaiting_release=app is None,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            tags=context.tags(NAME),
        ),
        context.options,
    )
