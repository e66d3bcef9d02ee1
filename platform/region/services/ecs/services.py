"""Services through the API: create, update, describe, list, delete."""

from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.ecs import deployments
from platformctl.region.services.ecs.names import arn, cluster_of, invalid, last
from platformctl.region.services.ecs.operations import Operations
from platformctl.region.services.ecs.service_records import (
    CHANGES_NOTHING_RUNNING,
    CHANGES_TASKS,
    check_ports,
    check_target_group,
    deployment_configuration,
    new_service,
    shown_service,
)
from platformctl.region.services.ecs.task_records import subnets_of
from platformctl.region.services.paging import page


class ServiceOperations(Operations):
    """The operations on services; keeping them at their count is the scheduler's."""

    async def create_service(self, call: Call) -> dict[str, Any]:
        """Create a service; its tasks start at once."""
        asked = call.parameters
        cluster = self.records.active_cluster(call.region, cluster_of(asked))["clusterName"]
        if not asked.get("taskDefinition"):
            raise invalid("TaskDefinition cannot be blank.")
        definition = self.records.active_definition(call.region, asked["taskDefinition"])
        key = f"{cluster}/{asked['serviceName']}"
        existing = self.records.services(call.region).get(key)
        if existing is not None and existing["status"] != "INACTIVE":
            if asked.get("clientToken") and asked["clientToken"] == existing["clientToken"]:
                return {"service": self._shown(call.region, existing)}
            if existing["status"] == "DRAINING":
                raise invalid("Unable to Start a service that is still Draining.")
            raise invalid("Creation of service was not idempotent.")
        now = self.runtime.now()
        record = new_service(
            call.region,
            self.runtime.account,
            cluster,
            asked,
            definition["taskDefinitionArn"],
            now,
        )
        await self._check(call.region, record, definition)
        deployments.begin(record, now)
        self.records.services(call.region)[key] = record
        self.fleet.schedule(call.region, key)
        return {"service": self._shown(call.region, record)}

    async def _check(self, region: str, record: dict[str, Any], definition: dict[str, Any]) -> None:
        check_ports(record, definition)
        for balancer in record["loadBalancers"]:
            group = balancer.get("targetGroupArn")
            if not group:
                raise invalid("The local region has load balancers with target groups only.")
            check_target_group(self.fleet.targets.describe(region, group), group)
        await self.fleet.placement.learn_subnets(region, subnets_of(record))

    async def update_service(self, call: Call) -> dict[str, Any]:
        """Change a service; what changes its tasks starts a rolling deployment."""
        asked = call.parameters
        record = self._active(call.region, asked)
        changed = {**record}
        for key in (*CHANGES_TASKS, *CHANGES_NOTHING_RUNNING):
            if asked.get(key) is not None:
                changed[key] = asked[key]
        if changed["desiredCount"] < 0:
            raise invalid("desiredCount must not be negative.")
        if asked.get("capacityProviderStrategy"):
            changed["launchType"] = None
        changed["deploymentConfiguration"] = deployment_configuration(
            asked.get("deploymentConfiguration"), record["deploymentConfiguration"]
        )
        definition = self.records.active_definition(call.region, changed["taskDefinition"])
        changed["taskDefinition"] = definition["taskDefinitionArn"]
        renewed = bool(asked.get("forceNewDeployment")) or any(
            changed.get(key) != record.get(key) for key in CHANGES_TASKS
        )
        if renewed:
            await self._check(call.region, changed, definition)
        # The scheduler may have moved on while target groups and subnets were looked up.
        key = f"{record['cluster']}/{record['serviceName']}"
        current = self.records.services(call.region)[key]
        changed.update({moved: current[moved] for moved in ("deployments", "events", "status")})
        if renewed:
            deployments.begin(changed, self.runtime.now())
        self.records.services(call.region)[key] = changed
        self.fleet.schedule(call.region, key)
        return {"service": self._shown(call.region, changed)}

    def set_desired_count(self, region: str, cluster: str, service: str, count: int) -> None:
        """Change a service's desired count (Application Auto Scaling).

        Raises:
            ServiceError: There is no such active service.
        """
        record = self._active(region, {"cluster": cluster, "service": service})
        key = f"{cluster}/{service}"
        self.records.services(region)[key] = {**record, "desiredCount": count}
        self.fleet.schedule(region, key)

    def desired_count(self, region: str, cluster: str, service: str) -> int | None:
        """Return a service's desired count, None if there is no such active service."""
        record = self.records.services(region).get(f"{cluster}/{service}")
        return record["desiredCount"] if record and record["status"] == "ACTIVE" else None

    def _active(self, region: str, asked: Any) -> dict[str, Any]:
        cluster = self.records.active_cluster(region, cluster_of(asked))["clusterName"]
        record = self.records.services(region).get(f"{cluster}/{last(asked['service'])}")
        if record is None:
            raise ServiceError("ServiceNotFoundException", "Service not found.")
        if record["status"] != "ACTIVE":
            raise ServiceError("ServiceNotActiveException", "Service was not ACTIVE.")
        return record

    def describe_services(self, call: Call) -> dict[str, Any]:
        """Describe services by name or ARN; deleted ones stay known as INACTIVE."""
        named = cluster_of(call.parameters)
        cluster = self.records.active_cluster(call.region, named)["clusterName"]
        tags = "TAGS" in (call.parameters.get("include") or ())
        found: list[dict[str, Any]] = []
        failures: list[dict[str, str]] = []
        for reference in call.parameters["services"]:
            record = self.records.services(call.region).get(f"{cluster}/{last(reference)}")
            if record is None:
                resource = f"service/{cluster}/{last(reference)}"
                missing = arn(call.region, self.runtime.account, resource)
                failures.append({"arn": missing, "reason": "MISSING"})
            else:
                found.append(self._shown(call.region, record, tags=tags))
        return {"services": found, "failures": failures}

    def _shown(self, region: str, record: dict[str, Any], *, tags: bool = True) -> dict[str, Any]:
        key = f"{record['cluster']}/{record['serviceName']}"
        return shown_service(record, self.fleet.task_counts(region, key), tags=tags)

    def list_services(self, call: Call) -> dict[str, Any]:
        """List the ARNs of a cluster's services."""
        asked = call.parameters
        cluster = self.records.active_cluster(call.region, cluster_of(asked))["clusterName"]
        arns = [
            record["serviceArn"]
            for record in self.records.services(call.region).values()
            if record["cluster"] == cluster
            and record["status"] != "INACTIVE"
            and asked.get("launchType") in {None, record["launchType"]}
        ]
        shown, token = page(arns, asked.get("maxResults") or 10, asked.get("nextToken"))
        return {"serviceArns": shown, "nextToken": token} if token else {"serviceArns": shown}

    def delete_service(self, call: Call) -> dict[str, Any]:
        """Delete a service: it drains, its tasks stop, then it is INACTIVE."""
        asked = call.parameters
        record = self._active(call.region, asked)
        if record["desiredCount"] > 0 and not asked.get("force"):
            raise invalid("The service cannot be stopped while it is scaled above 0.")
        key = f"{record['cluster']}/{record['serviceName']}"
        record = {**record, "status": "DRAINING", "desiredCount": 0}
        self.records.services(call.region)[key] = record
        self.fleet.schedule(call.region, key)
        return {"service": self._shown(call.region, record)}
