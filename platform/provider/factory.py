"""The providers of the local region, and of nowhere at all (previews without a region)."""

from platformctl.aws.clients import Clients, local_clients
from platformctl.plugin.provider import Provider, ProviderFactory
from platformctl.plugin.values import Properties
from platformctl.provider.aws import AwsProvider
from platformctl.provider.kubernetes.provider import KubernetesProvider
from platformctl.provider.random import RandomProvider


def local_providers(endpoint_url: str) -> ProviderFactory:
    """Return the factory of providers that work in the local region.

    Args:
        endpoint_url: URL of the region's AWS endpoint.

    Raises:
        RegionError: The endpoint is not on loopback, so a call could reach real AWS.
    """
    return _factory(local_clients(endpoint_url))


def offline_providers() -> ProviderFactory:
    """Return the factory of providers that check, compare and foretell, and change nothing."""
    return _factory(None)


def _factory(clients: Clients | None) -> ProviderFactory:
    def make(package: str, configuration: Properties) -> Provider:
        if package == "aws":
            return AwsProvider(clients, configuration)
        if package == "random":
            return RandomProvider()
        if package == "kubernetes":
            return KubernetesProvider(configuration, online=clients is not None)
        raise KeyError(package)

    return make
