"""The services the region answers itself: botocore's service name → where its class is.

Everything else goes to the emulator. The order is that of dependence: what others need comes
first. Services start side by side, and stop one after the other from the last row to the first,
so that tasks end before the databases they write to.
"""

SERVICES: dict[str, str] = {
    "rds": "platformctl.region.services.rds.service:Databases",
    "elasticache": "platformctl.region.services.elasticache.service:Caches",
    "kafka": "platformctl.region.services.kafka.service:Streaming",
    "cloudwatch": "platformctl.region.services.cloudwatch.service:Monitoring",
    "logs": "platformctl.region.services.logs.service:MetricFilters",
    "elbv2": "platformctl.region.services.elbv2.service:LoadBalancing",
    "ecr": "platformctl.region.services.ecr.service:ImageRegistry",
    "ecs": "platformctl.region.services.ecs.service:ContainerService",
    "eks": "platformctl.region.services.eks.service:KubernetesService",
    "application-autoscaling": (
        "platformctl.region.services.application_autoscaling.service:ApplicationAutoScaling"
    ),
    "lambda": "platformctl.region.services.lambda_events.service:EventSourceMappings",
    "scheduler": "platformctl.region.services.scheduler.service:Scheduler",
    "cloudfront": "platformctl.region.services.cloudfront.service:ContentDelivery",
    "secretsmanager": "platformctl.region.services.secretsmanager.service:Rotation",
    "route53": "platformctl.region.services.route53.service:DomainNames",
    "backup": "platformctl.region.services.backup.service:Backups",
    "service-quotas": "platformctl.region.services.servicequotas.service:ServiceQuotas",
}
"""Service name → `module:class`, imported when the region starts; one row per folder here."""
