"""The services the region answers itself: botocore's service name → where its class is.

Everything else goes to the emulator.
"""

SERVICES: dict[str, str] = {
    "application-autoscaling": (
        "platformctl.region.services.application_autoscaling.service:ApplicationAutoScaling"
    ),
    "cloudwatch": "platformctl.region.services.cloudwatch.service:Monitoring",
    "ecs": "platformctl.region.services.ecs.service:ContainerService",
    "elbv2": "platformctl.region.services.elbv2.service:LoadBalancing",
}
"""Service name → `module:class`, imported when the region starts; one row per folder here."""
