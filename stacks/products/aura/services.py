"""What runs: seven services, each from the table in `context`."""

from collections.abc import Mapping, Sequence

import pulumi

from platformctl.components import (
    ApplicationLoadBalancer,
    HealthCheck,
    ImageRepository,
    ImageRepositoryArgs,
    KubernetesWorkload,
    KubernetesWorkloadArgs,
    Peer,
    PodScaling,
    Resources,
    Route,
    SecretKey,
    Statement,
)
from platformctl.components.data import documents, postgres, redis
from platformctl.config.aura import WorkloadConfig
from platformctl.naming.cidr import subnet_cidr
from platformctl.stacks.building import services as building
from platformctl.stacks.layers.security import DATA, SECRETS
from platformctl.stacks.products.aura.cluster import Home
from platformctl.stacks.products.aura.context import (
    DATABASE,
    GATEWAY,
    PORT,
    SERVICES,
    USERNAME,
    AuraContext,
    Purpose,
    Service,
    Store,
    callers,
    namespace,
    workload,
)
from platformctl.stacks.products.aura.stores import Stores

HTTPS = 443
ANYWHERE = "0.0.0.0/0"
GATEWAY_PRIORITY = 10
STORE_PORTS: Mapping[Store, int] = {
    "database": postgres.PORT,
    "documents": documents.PORT,
    "cache": redis.PORT,
}
STORE_TIERS: Mapping[Store, str] = {"database": "data", "documents": "data", "cache": "app"}
"""Store → tier of the subnets that it is in."""


def services(
    context: AuraContext, home: Home, stores: Stores, balancer: ApplicationLoadBalancer
) -> dict[Service, KubernetesWorkload]:
    """Make every service; the gateway is the one that the load balancer reaches."""
    made: dict[Service, KubernetesWorkload] = {}
    for name, purpose in SERVICES.items():
        route = _route(context, balancer) if name == GATEWAY else None
        made[name] = _service(context, home, stores, name, purpose, route)
    return made


def _service(
    context: AuraContext,
    home: Home,
    stores: Stores,
    name: Service,
    purpose: Purpose,
    route: Route | None,
) -> KubernetesWorkload:
    shared, config, app = context.shared, workload(context, name), context.app(name)
    image = f"{context.product}-{name}"
    repository = ImageRepository(
        context.name(name),
        ImageRepositoryArgs(
            repository_name=image,
            force_delete=not shared.config.deletion_protection,
            tags=context.tags(name),
        ),
        context.options,
    )
    version = config.version or (app.digest if app else building.AWAITING_TAG)
    tags = context.tags(name, "confidential" if purpose.stores else "internal")
    return KubernetesWorkload(
        context.name(name),
        KubernetesWorkloadArgs(
            workload_name=name,
            namespace=home.namespace.namespace,
            namespace_name=namespace(context),
            image=pulumi.Output.concat(repository.url, ":", version),
            identity_provider_arn=home.cluster.identity_provider_arn,
            issuer=home.cluster.issuer,
            port=context.port(name, PORT),
            replicas=config.replicas,
            resources=_resources(config),
            environment={
                **_variables(context, stores, purpose),
                **config.environment,
                "SERVICE_NAME": image,
            },
            secrets=_secrets(stores, purpose),
            secret_key_arn=shared.keys.arns[SECRETS],
            statements=_statements(context, stores, purpose),
            scaling=_scaling(config),
            callers=callers(name),
            caller_cidrs=_tier(context, "public") if route else (),
            peers=_peers(context, purpose),
            route=route,
            deployment=shared.config.deployment,
            awaiting_release=app is None,
            tags=tags,
        ),
        pulumi.ResourceOptions.merge(
            home.options,
            pulumi.ResourceOptions(depends_on=[home.controller] if route else None),
        ),
    )


def _resources(config: WorkloadConfig) -> Resources:
    return Resources(
        cpu_request=config.cpu_request,
        cpu_limit=config.cpu_limit,
        memory_request=config.memory_request,
        memory_limit=config.memory_limit,
    )


def _scaling(config: WorkloadConfig) -> PodScaling | None:
    if config.minimum is None or config.maximum is None:
        return None
    return PodScaling(minimum=config.minimum, maximum=config.maximum, cpu_target=config.cpu_target)


def _route(context: AuraContext, balancer: ApplicationLoadBalancer) -> Route:
    return Route(
        listener_arn=balancer.listener_arn,
        vpc_id=context.shared.network.vpc_id,
        priority=GATEWAY_PRIORITY,
        paths=["/*"],
        health_check=HealthCheck(interval=10, healthy_threshold=2),
    )


def _variables(
    context: AuraContext, stores: Stores, purpose: Purpose
) -> dict[str, pulumi.Input[str]]:
    """Return where a service finds what it uses."""
    variables: dict[str, pulumi.Input[str]] = {
        "LOG_LEVEL": "info",
        "AWS_REGION": context.shared.region,
    }
    for other in purpose.calls:
        host = f"{other}.{namespace(context)}.svc.cluster.local"
        key = f"{other.upper().replace('-', '_')}_URL"
        variables[key] = f"http://{host}:{context.port(other, PORT)}"
    if "database" in purpose.stores:
        variables |= building.database_variables(
            stores.database.address, database=DATABASE, username=USERNAME
        )
    if "documents" in purpose.stores:
        variables |= {
            "DOCUMENTS_HOST": stores.documents.address,
            "DOCUMENTS_PORT": str(documents.PORT),
            "DOCUMENTS_USER": USERNAME,
        }
    if "cache" in purpose.stores:
        variables |= building.cache_variables(stores.cache)
    if purpose.exports:
        variables["EXPORTS_BUCKET"] = stores.exports.bucket_name
    return variables


def _secrets(stores: Stores, purpose: Purpose) -> dict[str, SecretKey]:
    """Return the secret variables of a service, each as a key of a secret."""
    secrets: dict[str, SecretKey] = {}
    if "database" in purpose.stores:
        secrets["DB_PASSWORD"] = SecretKey(secret_arn=stores.database.secret_arn, key="password")
    if "documents" in purpose.stores:
        arn = stores.documents.secret_arn
        secrets["DOCUMENTS_PASSWORD"] = SecretKey(secret_arn=arn, key="password")
    if "cache" in purpose.stores:
        arn = stores.cache.secret_arn
        secrets["REDIS_AUTH_TOKEN"] = SecretKey(secret_arn=arn, key="authToken")
    if "tokens" in purpose.keys:
        secrets["JWT_SECRET"] = SecretKey(secret_arn=stores.tokens.arn, key="secret")
    if "entries" in purpose.keys:
        secrets["ENTRIES_KEY"] = SecretKey(secret_arn=stores.entries.arn, key="secret")
    return secrets


def _statements(context: AuraContext, stores: Stores, purpose: Purpose) -> Sequence[Statement]:
    """Return what a service may do in AWS besides reading its secrets."""
    if not purpose.exports:
        return ()
    return [
        Statement(
            actions=["s3:GetObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(stores.exports.arn, "/*")],
        ),
        Statement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[context.shared.keys.arns[DATA]],
        ),
    ]


def _peers(context: AuraContext, purpose: Purpose) -> list[Peer]:
    """Return whom a service may connect to."""
    peers = [Peer(workload=other, port=context.port(other, PORT)) for other in purpose.calls]
    peers += [
        Peer(cidr=cidr, port=STORE_PORTS[store])
        for store in purpose.stores
        for cidr in _tier(context, STORE_TIERS[store])
    ]
    if purpose.internet or purpose.exports:
        peers.append(Peer(cidr=ANYWHERE, port=HTTPS))
    return peers


def _tier(context: AuraContext, tier: str) -> list[str]:
    """Return the address blocks of a tier, one for each zone."""
    network = context.shared.network.args
    return [subnet_cidr(network.cidr, tier, zone) for zone in network.zones]
