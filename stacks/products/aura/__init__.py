"""AURA Journal: an encrypted journal on Kubernetes.

browser → CloudFront → load balancer → gateway → auth, entry-ingestor, nlp-agent, user, …
services → PostgreSQL, DocumentDB, Redis
"""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.stacks.building import edge
from platformctl.stacks.products.aura import recovery, services, stores, watch
from platformctl.stacks.products.aura.cluster import home
from platformctl.stacks.products.aura.context import GATEWAY, AuraContext
from platformctl.stacks.products.aura.groups import security_groups
from platformctl.stacks.products.aura.parts import Aura
from platformctl.stacks.products.product import Product


def aura(context: AuraContext) -> Aura:
    """Make the product."""
    place = home(context)
    groups = security_groups(context, place.cluster)
    kept = stores.make(context, groups)
    balancer = edge.load_balancer(context, groups)
    edge.origin_alias(context, balancer)
    page = edge.distribution(context, balancer)
    running = services.services(context, place, kept, balancer)
    watch.alarms(context, balancer, kept)
    watch.dashboard(context, balancer, running[GATEWAY], kept)
    return Aura(
        urls=edge.urls(context, balancer, page),
        balancer=balancer,
        page=page,
        home=place,
        services=running,
        stores=kept,
    )


OUTPUTS: Mapping[str, Callable[[Aura], Any]] = {
    "frontend_url": lambda made: made.urls.frontend,
    "origin_url": lambda made: made.urls.origin,
    "load_balancer_arn": lambda made: made.balancer.arn,
    "load_balancer_dns": lambda made: made.balancer.dns_name,
    "listener_arn": lambda made: made.balancer.listener_arn,
    "distribution_id": lambda made: made.page.distribution_id,
    "cluster_name": lambda made: made.home.cluster.cluster_name,
    "cluster_endpoint": lambda made: made.home.cluster.endpoint,
    "kubeconfig": lambda made: made.home.cluster.kubeconfig,
    "namespace": lambda made: made.home.namespace.namespace,
    "target_group_arn": lambda made: made.services[GATEWAY].target_group_arn,
    "deployments": lambda made: {
        name: workload.deployment_names for name, workload in made.services.items()
    },
    "database_endpoint": lambda made: made.stores.database.address,
    "database_identifier": lambda made: made.stores.database.primary_identifier,
    "database_secret_arn": lambda made: made.stores.database.secret_arn,
    "documents_endpoint": lambda made: made.stores.documents.address,
    "documents_secret_arn": lambda made: made.stores.documents.secret_arn,
    "redis_endpoint": lambda made: made.stores.cache.address,
    "redis_secret_arn": lambda made: made.stores.cache.secret_arn,
    "exports_bucket": lambda made: made.stores.exports.bucket_name,
    "jwt_secret_arn": lambda made: made.stores.tokens.arn,
}

PRODUCT = Product(
    make=aura,
    outputs=OUTPUTS,
    recover=recovery.standby,
    recovery_outputs=recovery.OUTPUTS,
)
