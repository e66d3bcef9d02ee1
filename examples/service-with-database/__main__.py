"""The shop: a service with a database behind a load balancer."""

from pathlib import Path

import pulumi

from platformctl import components as c
from platformctl.components.security.access import read_secret
from platformctl.config.app import load_apps

PORT = pulumi.Config().require_int("httpPort")
REGION = pulumi.Config("aws").require("region")
tags = {"Product": "shop", "Environment": pulumi.get_stack(), "Owner": "team-shop",
        "CostCenter": "shop", "ManagedBy": "platformctl", "Component": "orders",
        "DataClass": "internal"}  # fmt: skip
app = load_apps(Path(__file__).parent)["shop-orders"]

zones = [f"{REGION}a", f"{REGION}b"]
network = c.Network("shop", c.NetworkArgs(region=REGION, zones=zones, nat="single", tags=tags))
groups = c.SecurityGroups("shop", c.SecurityGroupsArgs(
    vpc_id=network.vpc_id, tags=tags,
    groups={"balancer": "Load balancer", "orders": "Service", "database": "Database"},
    rules=[c.Allow("internet", "balancer", PORT), c.Allow("balancer", "orders", 8000),
           c.Allow("orders", "database", 5432)]))  # fmt: skip
balancer = c.ApplicationLoadBalancer("shop", c.ApplicationLoadBalancerArgs(
    load_balancer_name="shop", subnet_ids=network.public_subnet_ids, http_port=PORT,
    security_group_ids=[groups.ids["balancer"]], deletion_protection=False, tags=tags))  # fmt: skip
database = c.PostgresDatabase("shop", c.PostgresDatabaseArgs(
    identifier="shop", subnet_ids=network.data_subnet_ids, instance_class="db.t3.micro",
    security_group_ids=[groups.ids["database"]], allocated_storage=20, database="shop",
    username="shop", multi_az=False, deletion_protection=False, tags=tags))  # fmt: skip
cluster = c.ContainerCluster("shop", c.ContainerClusterArgs(cluster_name="shop", tags=tags))
images = c.ImageRepository("orders", c.ImageRepositoryArgs(
    repository_name=app.image, force_delete=True, tags=tags))  # fmt: skip
c.FargateService("orders", c.FargateServiceArgs(
    service_name=app.image, container_name="orders", region=REGION, cluster_arn=cluster.arn,
    cluster_name=cluster.cluster_name, image=pulumi.Output.concat(images.url, ":", app.digest),
    repository_arn=images.arn, subnet_ids=network.app_subnet_ids, port=app.port,
    security_group_ids=[groups.ids["orders"]], health_command=app.health_check, tags=tags,
    environment={"DATABASE_HOST": database.address},
    secrets={"DATABASE_PASSWORD": database.secret.reference("password")},
    secret_arns=[database.secret_arn], statements=read_secret(database.secret_arn, None),
    route=c.Route(listener_arn=balancer.listener_arn, vpc_id=network.vpc_id, priority=1,
                  paths=["/*"], deregistration_delay=5,
                  health_check=c.HealthCheck(interval=5, timeout=2))))  # fmt: skip

pulumi.export("orders_url", pulumi.Output.concat("http://", balancer.dns_name, f":{PORT}"))
