"""Clusters and capacity providers."""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.ecs.names import arn, cluster_of, last, tags_from
from platformctl.region.services.ecs.operations import Operations
from platformctl.region.services.paging import page

BUILT_IN_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


class ClusterOperations(Operations):
    """The operations on clusters and capacity providers."""

    def create_cluster(self, call: Call) -> dict[str, Any]:
        """Create a cluster; one that exists is returned as it is."""
        asked = call.parameters
        name = asked.get("clusterName") or "default"
        existing = self.records.clusters(call.region).get(name)
        if existing is not None and existing["status"] == "ACTIVE":
            return {"cluster": self._shown_cluster(call.region, existing)}
        providers: list[str] = list(asked.get("capacityProviders") or ())
        self._check_providers(call.region, providers)
        record = {
            "clusterName": name,
            "clusterArn": arn(call.region, self.runtime.account, f"cluster/{name}"),
            "status": "ACTIVE",
            "settings": asked.get("settings")
            or [{"name": "containerInsights", "value": "disabled"}],
            "configuration": asked.get("configuration"),
            "serviceConnectDefaults": asked.get("serviceConnectDefaults"),
            "capacityProviders": providers,
            "defaultCapacityProviderStrategy": asked.get("defaultCapacityProviderStrategy") or [],
            "tags": tags_from(asked),
        }
        self.records.clusters(call.region)[name] = record
        return {"cluster": self._shown_cluster(call.region, record)}

    def _shown_cluster(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in record.items() if value is not None}
        return {
            **shown,
            **self.fleet.cluster_use(region, record["clusterName"]),
            "registeredContainerInstancesCount": 0,
            "statistics": [],
        }

    def describe_clusters(self, call: Call) -> dict[str, Any]:
        """Describe clusters by name or ARN."""
        found: list[dict[str, Any]] = []
        failures: list[dict[str, str]] = []
        for reference in call.parameters.get("clusters") or ["default"]:
            record = self.records.clusters(call.region).get(last(reference))
            if record is None:
                missing = arn(call.region, self.runtime.account, f"cluster/{last(reference)}")
                failures.append({"arn": missing, "reason": "MISSING"})
            else:
                found.append(self._shown_cluster(call.region, record))
        return {"clusters": found, "failures": failures}

    def list_clusters(self, call: Call) -> dict[str, Any]:
        """List the ARNs of active clusters."""
        arns = [
            record["clusterArn"]
            for record in self.records.clusters(call.region).values()
            if record["status"] == "ACTIVE"
        ]
        asked = call.parameters
        shown, token = page(sorted(arns), asked.get("maxResults") or 100, asked.get("nextToken"))
        return {"clusterArns": shown, "nextToken": token} if token else {"clusterArns": shown}

    def update_cluster(self, call: Call) -> dict[str, Any]:
        """Change settings, configuration or Service Connect defaults."""
        record = self.records.active_cluster(call.region, cluster_of(call.parameters))
        for key in ("settings", "configuration", "serviceConnectDefaults"):
            if call.parameters.get(key) is not None:
                record[key] = call.parameters[key]
        self.records.clusters(call.region)[record["clusterName"]] = record
        return {"cluster": self._shown_cluster(call.region, record)}

    def update_cluster_settings(self, call: Call) -> dict[str, Any]:
        """Change settings."""
        return self.update_cluster(call)

    def put_cluster_capacity_providers(self, call: Call) -> dict[str, Any]:
        """Set the capacity providers of a cluster and its default strategy."""
        record = self.records.active_cluster(call.region, cluster_of(call.parameters))
        providers = list(call.parameters["capacityProviders"])
        self._check_providers(call.region, providers)
        strategy = list(call.parameters["defaultCapacityProviderStrategy"])
        for item in strategy:
            if item["capacityProvider"] not in providers:
                raise ServiceError(
                    "InvalidParameterException",
                    "The specified capacity provider strategy cannot contain a capacity provider "
                    "that is not associated with the cluster.",
                )
        record["capacityProviders"] = providers
        record["defaultCapacityProviderStrategy"] = strategy
        self.records.clusters(call.region)[record["clusterName"]] = record
        return {"cluster": self._shown_cluster(call.region, record)}

    def _check_providers(self, region: str, providers: list[str]) -> None:
        own = self.runtime.store.table("ecs", region, "capacity-providers")
        for provider in providers:
            if provider not in BUILT_IN_PROVIDERS and provider not in own:
                raise ServiceError(
                    "InvalidParameterException", "The specified capacity provider was not found."
                )

    def delete_cluster(self, call: Call) -> dict[str, Any]:
        """Delete a cluster without services and tasks."""
        name = cluster_of(call.parameters)
        record = self.records.clusters(call.region).get(name)
        if record is None:
            raise ServiceError("ClusterNotFoundException", "Cluster not found.")
        use = self.fleet.cluster_use(call.region, name)
        if use["activeServicesCount"]:
            raise ServiceError(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            )
        if use["runningTasksCount"] or use["pendingTasksCount"]:
            raise ServiceError(
                "ClusterContainsTasksException",
                "The Cluster cannot be deleted while Tasks are active.",
            )
        record["status"] = "INACTIVE"
        self.records.clusters(call.region)[name] = record
        return {"cluster": self._shown_cluster(call.region, record)}

    def create_capacity_provider(self, call: Call) -> dict[str, Any]:
        """Record a capacity provider; locally all of them start processes here."""
        name = call.parameters["name"]
        record = {
            **{key: value for key, value in call.parameters.items() if key != "tags"},
            "capacityProviderArn": arn(
                call.region, self.runtime.account, f"capacity-provider/{name}"
            ),
            "status": "ACTIVE",
            "tags": tags_from(call.parameters),
        }
        self.runtime.store.table("ecs", call.region, "capacity-providers")[name] = record
        return {"capacityProvider": record}

    def describe_capacity_providers(self, call: Call) -> dict[str, Any]:
        """Describe Fargate's capacity providers and those that were created."""
        table = self.runtime.store.table("ecs", call.region, "capacity-providers")
        known = {
            name: {
                "name": name,
                "status": "ACTIVE",
                "capacityProviderArn": arn(
                    call.region, self.runtime.account, f"capacity-provider/{name}"
                ),
            }
            for name in BUILT_IN_PROVIDERS
        }
        known.update({record["name"]: record for record in table.values()})
        wanted = [last(name) for name in call.parameters.get("capacityProviders") or known]
        return {
            "capacityProviders": [known[name] for name in wanted if name in known],
            "failures": [
                {"arn": name, "reason": "MISSING"} for name in wanted if name not in known
            ],
        }

    def delete_capacity_provider(self, call: Call) -> dict[str, Any]:
        """Delete a capacity provider that was created."""
        table = self.runtime.store.table("ecs", call.region, "capacity-providers")
        name = last(call.parameters["capacityProvider"])
        record = table.get(name)
        if record is None:
            raise ServiceError("ClientException", "The specified capacity provider does not exist.")
        del table[name]
        return {"capacityProvider": {**record, "status": "INACTIVE"}}
