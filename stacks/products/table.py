"""The products; one further is one further row here, and one in `config.environment`."""

from collections.abc import Mapping
from importlib import import_module

from platformctl.config import environment
from platformctl.stacks.products.product import Product

# Imported when asked for: a program pays for no product that its environment does not run.
PACKAGES: Mapping[environment.Product, str] = {
    "analytics": "platformctl.stacks.products.analytics",
    "cloudweave": "platformctl.stacks.products.cloudweave",
    "journey": "platformctl.stacks.products.journey",
    "aura": "platformctl.stacks.products.aura",
}


def product(name: environment.Product) -> Product:
    """Return a product by its name."""
    found: Product = import_module(PACKAGES[name]).PRODUCT
    return found
