"""Services on Fargate out of three sources: what they are for, their section, their `app.yaml`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pulumi

from platformctl.components import (
    ApplicationLoadBalancer,
    BlueGreen,
    ContainerCluster,
    ContainerClusterArgs,
    CpuSteps,
    CpuTracking,
    FargateService,
    FargateServiceArgs,
    FeatureFlags,
    FeatureFlagsArgs,
    HealthCheck,
    ImageRepository,
    ImageRepositoryArgs,
    MetricTracking,
    RedisCache,
    Rolling,
    Route,
    Scaling,
    SecurityGroups,
    Statement,
)
from platformctl.config.compute import CpuScaledServiceConfig, ServiceConfig
from platformctl.stacks.building.stores import Connection
from platformctl.stacks.layers.metrics import target
from platformctl.stacks.layers.security import LOGS, SECRETS
from platformctl.stacks.layers.shared import observed
from platformctl.stacks.products.context import Context

AWAITING_TAG = "awaiting-first-release"
Parts = TypeVar("Parts")
Variables = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Which requests go to a service.

    Attributes:
        balancer: Load balancer that they come from.
        priority: Place among the listener's rules; lower ones are asked first.
        paths: Path patterns.
        methods: HTTP methods; all without any.
        health_path: Path that tells whether a task is well.
    """

    balancer: ApplicationLoadBalancer
    priority: int
    paths: Sequence[str]
    methods: Sequence[str] = ()
    health_path: str = "/health"


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What distinguishes one service from the others.

    Attributes:
        name: Its name within the product; also its security group.
        config: Its section of the stack file.
        port: Its port while there is no application that says one.
        variables: Its environment variables.
        secrets: Its secret environment variables, as references.
        secret_arns: The secrets they refer to.
        statements: What its tasks may do.
        traffic: Requests that go to it, if any.
        tracking: What autoscaling follows; its CPU where the section has a target.
        steps: Steps by CPU besides.
        spot_percent: Share of its tasks on Fargate Spot.
    """

    name: str
    config: ServiceConfig
    port: int | None = None
    variables: Variables = field(default_factory=dict)
    secrets: Variables = field(default_factory=dict)
    secret_arns: Sequence[pulumi.Input[str]] = ()
    statements: Sequence[Statement] = ()
    traffic: Traffic | None = None
    tracking: CpuTracking | MetricTracking | None = None
    steps: CpuSteps | None = None
    spot_percent: int = 0


def cluster(context: Context[Any]) -> ContainerCluster:
    """Make the cluster that a product's services run in."""
    return ContainerCluster(
        context.name("cluster"),
        ContainerClusterArgs(
            cluster_name=f"{context.product}-cluster", tags=context.tags("cluster")
        ),
        context.options,
    )


def feature_flags(context: Context[Any]) -> FeatureFlags:
    """Make the feature flags of a product."""
    name = f"/{pulumi.get_project()}/{pulumi.get_stack()}/{context.product}/flags"
    return FeatureFlags(
        context.name("flags"),
        FeatureFlagsArgs(parameter_name=name, tags=context.tags("flags")),
        context.options,
    )


def service(
    context: Context[Any], home: ContainerCluster, groups: SecurityGroups, purpose: Purpose
) -> FargateService:
    """Make a service; without its application it waits, with no tasks, for the first release."""
    shared, config, app = context.shared, purpose.config, context.app(purpose.name)
    image = f"{context.product}-{purpose.name}"
    repository = ImageRepository(
        context.name(purpose.name),
        ImageRepositoryArgs(
            repository_name=image,
            force_delete=not shared.config.deletion_protection,
            tags=context.tags(purpose.name),
        ),
        context.options,
    )
    version = config.version or (app.digest if app else AWAITING_TAG)
    return FargateService(
        context.name(purpose.name),
        FargateServiceArgs(
            service_name=image,
            container_name=purpose.name,
            region=shared.region,
            cluster_arn=home.arn,
            cluster_name=home.cluster_name,
            image=pulumi.Output.concat(repository.url, ":", version),
            repository_arn=repository.arn,
            subnet_ids=shared.network.app_subnet_ids,
            security_group_ids=[groups.ids[purpose.name]],
            cpu=config.cpu,
            memory=config.memory,
            desired_count=_desired(context, config),
            port=app.port if app else purpose.port,
            environment={
                "LOG_LEVEL": "info",
                **purpose.variables,
                **config.environment,
                "SERVICE_NAME": image,
                "RELEASE": version,
            },
            secrets=purpose.secrets,
            secret_arns=purpose.secret_arns,
            secret_key_arn=shared.keys.arns[SECRETS],
            statements=purpose.statements,
            health_command=app.health_check if app else (),
            stop_timeout=app.stop_timeout if app else 30,
            route=_route(context, config, purpose.traffic) if purpose.traffic else None,
            scaling=_scaling(context, purpose),
            deployment=_deployment(context, image, purpose.traffic),
            awaiting_release=app is None,
            tracing=observed(shared.config),
            metrics=target(shared.metrics),
            spot_percent=purpose.spot_percent,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            tags=context.tags(purpose.name),
        ),
        context.options,
    )


def service_outputs(
    name: str, find: Callable[[Parts], FargateService]
) -> dict[str, Callable[[Parts], Any]]:
    """Return the stack outputs that cutovers read of a service, each a mapping by side.

    Args:
        name: Name of the service within the product.
        find: Finds it among the product's parts.
    """
    return {
        f"{name}_service": lambda parts: find(parts).service_name,
        f"{name}_service_names": lambda parts: find(parts).service_names,
        f"{name}_target_group_arns": lambda parts: find(parts).target_group_arns,
        f"{name}_rule_arn": lambda parts: find(parts).rule_arn,
        f"{name}_test_rule_arn": lambda parts: find(parts).test_rule_arn,
    }


def database_variables(address: pulumi.Input[str], *, database: str, username: str) -> Variables:
    """Return where a database is, for the environment of a service."""
    return {
        "DB_HOST": address,
        "DB_PORT": "5432",
        "DB_NAME": database,
        "DB_USER": username,
        "DB_SSLMODE": "verify-full",
    }


def database_secrets(store: Connection) -> Variables:
    """Return the password of a database, as a reference."""
    return {"DB_PASSWORD": store.reference("password")}


def secret_key(secret_arn: pulumi.Output[str], key: str) -> pulumi.Output[str]:
    """Return what a container definition calls one key of a secret.

    Args:
        secret_arn: The secret.
        key: Key of the JSON object in it.
    """
    return pulumi.Output.concat(secret_arn, f":{key}::")


def cache_variables(store: RedisCache) -> Variables:
    """Return where a cache is, for the environment of a service."""
    return {"REDIS_HOST": store.address, "REDIS_PORT": str(store.port), "REDIS_TLS": "true"}


def cache_secrets(store: RedisCache) -> Variables:
    """Return the token of a cache, as a reference."""
    return {"REDIS_AUTH_TOKEN": store.secret.reference("authToken")}


def _stands_by(context: Context[Any]) -> bool:
    return context.shared.side == "recovery"


def _desired(context: Context[Any], config: ServiceConfig) -> int:
    """Return the tasks to run: on the side that waits, as few as its section says."""
    if not _stands_by(context):
        return config.desired_count
    standby: int = context.config.recovery.standby_count
    return standby


def _deployment(context: Context[Any], name: str, traffic: Traffic | None) -> Rolling | BlueGreen:
    if context.shared.config.deployment == "rolling":
        return Rolling()
    if traffic is None:
        place = f"/{pulumi.get_project()}/{pulumi.get_stack()}"
        return BlueGreen(intake_parameter=f"{place}/{name}/intake")
    return BlueGreen(test_listener_arn=traffic.balancer.test_listener_arn)


def _scaling(context: Context[Any], purpose: Purpose) -> Scaling | None:
    config, tracking = purpose.config, purpose.tracking
    if config.bounds is None:
        return None
    if tracking is None and isinstance(config, CpuScaledServiceConfig):
        tracking = CpuTracking(target=config.cpu_target)
    return Scaling(
        minimum=_desired(context, config) if _stands_by(context) else config.bounds[0],
        maximum=config.bounds[1],
        tracking=tracking,
        steps=purpose.steps,
    )


def _route(context: Context[Any], config: ServiceConfig, traffic: Traffic) -> Route:
    check = config.health_check
    return Route(
        listener_arn=traffic.balancer.listener_arn,
        vpc_id=context.shared.network.vpc_id,
        priority=traffic.priority,
        paths=traffic.paths,
        methods=traffic.methods,
        health_check=HealthCheck(
            path=traffic.health_path,
            interval=check.interval,
            timeout=check.timeout,
            healthy_threshold=check.healthy_threshold,
            unhealthy_threshold=check.unhealthy_threshold,
        ),
        deregistration_delay=config.deregistration_delay,
    )
