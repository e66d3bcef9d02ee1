"""The kinds of objects that the platform uses, as one table."""

from dataclasses import dataclass

from platformctl.errors import ConfigurationError


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Attributes:
        api_version: Group and version, such as `apps/v1`.
        name: The kind, such as `Deployment`.
        plural: Its name in URLs.
        namespaced: Whether its objects live in a namespace.
        short: Short name, as kubectl has it.
    """

    api_version: str
    name: str
    plural: str
    namespaced: bool = True
    short: str = ""

    @property
    def group(self) -> str:
        """API group, "" for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Version within the group."""
        return self.api_version.rpartition("/")[2]

    @property
    def resource(self) -> str:
        """Plural with the group, as error messages write it: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the URL path of the collection, or of one object."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        place = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{place}/{self.plural}" + (f"/{name}" if name else "")


RBAC, NETWORKING = "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"
KINDS = (
    Kind("v1", "Namespace", "namespaces", namespaced=False, short="ns"),
    Kind("v1", "Node", "nodes", namespaced=False, short="no"),
    Kind("v1", "ConfigMap", "configmaps", short="cm"),
    Kind("v1", "Endpoints", "endpoints", short="ep"),
    Kind("v1", "Event", "events", short="ev"),
    Kind("v1", "LimitRange", "limitranges", short="limits"),
    Kind("v1", "Pod", "pods", short="po"),
    Kind("v1", "ResourceQuota", "resourcequotas", short="quota"),
    Kind("v1", "Secret", "secrets"),
    Kind("v1", "Service", "services", short="svc"),
    Kind("v1", "ServiceAccount", "serviceaccounts", short="sa"),
    Kind("apps/v1", "Deployment", "deployments", short="deploy"),
    Kind("apps/v1", "ReplicaSet", "replicasets", short="rs"),
    Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", short="hpa"),
    Kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
    Kind(NETWORKING, "Ingress", "ingresses", short="ing"),
    Kind(NETWORKING, "NetworkPolicy", "networkpolicies", short="netpol"),
    Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", short="pdb"),
    Kind(RBAC, "ClusterRole", "clusterroles", namespaced=False),
    Kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", namespaced=False),
    Kind(RBAC, "Role", "roles"),
    Kind(RBAC, "RoleBinding", "rolebindings"),
    Kind("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "secretproviderclasses"),
    Kind("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "targetgroupbindings"),
)
_BY_NAME = {(kind.api_version, kind.name): kind for kind in KINDS}


def kind_of(api_version: str, name: str) -> Kind:
    """Return a kind by its version and name.

    Raises:
        ConfigurationError: The table has no such kind.
    """
    found = _BY_NAME.get((api_version, name))
    if found is None:
        other = next((kind.api_version for kind in KINDS if kind.name == name), None)
        raise ConfigurationError(
            f"there is no kind {name} in {api_version}",
            why=f"{name} is in {other}" if other else "the platform does not know this kind",
            remedy="platform/kubernetes/kinds.py lists what there is",
        )
    return found
