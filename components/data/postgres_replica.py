"""A read replica of a PostgreSQL database in another region."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.data.postgres_instance import (
    PORT,
    PostgresInstanceArgs,
    common,
    parameter_group,
    subnet_group,
    watching,
)


@dataclass(frozen=True, kw_only=True)
class PostgresReplicaArgs(PostgresInstanceArgs):
    """What a replica in another region is.

    Attributes:
        identifier: First part of the names in RDS: the instance is `<identifier>-recovery`.
        source_arn: ARN of the database that it follows; later changes of it do nothing, so that
            a promoted replica stays what it is.
        multi_az: Whether to keep a standby in a second zone of the other region.
    """

    source_arn: pulumi.Input[str]
    multi_az: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        yield from super().mistakes()
        if self.key_arn is None:
            yield "key_arn is missing: an encrypted replica needs a key of its own region"


class PostgresReplica(Component):
    """A PostgreSQL database that follows one in another region, and can be promoted.

    It stands alone: subnet group, parameter group, key, backups and monitoring are its own, in the
    region of the provider that it is given. Promotion is an operation; Pulumi leaves the instance
    alone afterwards.

    Example::

        west = aws.Provider("recovery", region="us-west-2")
        PostgresReplica("shop-recovery", PostgresReplicaArgs(
            identifier="shop", source_arn=shop.primary_arn, key_arn=west_keys.arns["data"],
            subnet_ids=west_network.data_subnet_ids, security_group_ids=[...],
            instance_class="db.r5.large"), pulumi.ResourceOptions(providers=[west]))

    Monthly cost in us-west-2: db.r5.large 730 h × $0.25 = $182.50, storage $0.115/GB, and $0.02
    for each GB that is carried over.

    Attributes:
        address: Where readers connect, and writers once it is promoted.
        identifier: Identifier of the instance.
        arn: ARN of the instance.
        port: TCP port.
    """

    address: pulumi.Output[str]
    identifier: pulumi.Output[str]
    arn: pulumi.Output[str]
    port: int

    def __init__(
        self, name: str, args: PostgresReplicaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:PostgresReplica", name, args, opts)
        self.args = args
        self.parameter_group = parameter_group(self, args)
        self.instance = self.child(
            "",
            aws.rds.Instance,
            identifier=f"{args.identifier}-recovery",
            replicate_source_db=args.source_arn,
            instance_class=args.instance_class,
            db_subnet_group_name=subnet_group(self, args).name,
            kms_key_id=args.key_arn,
            multi_az=args.multi_az,
            backup_retention_period=args.backup_retention,
            backup_window=args.backup_window,
            skip_final_snapshot=True,  # RDS refuses a final snapshot of a replica
            **common(args, self.parameter_group),
            **watching(self, args),
            # Once promoted it follows nobody; that must not make Pulumi replace it.
            options=pulumi.ResourceOptions(
                protect=args.deletion_protection, ignore_changes=["replicate_source_db"]
            ),
        )
        self.address = self.instance.address
        self.identifier = self.instance.identifier
        self.arn = self.instance.arn
        self.port = PORT
        self.finish("address", "identifier", "arn", "port")
