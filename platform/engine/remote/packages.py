"""Where a package's provider is: a folder with a `PulumiPlugin.yaml`.

A project can say so in its `Pulumi.yaml`, in Pulumi's own words (`packages`, or `plugins.providers`
with a path); otherwise the package is looked for among what is installed.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from platformctl.errors import ConfigurationError

MANIFEST = "PulumiPlugin.yaml"


def find(package: str, root: Path) -> Path:
    """Return the folder of a package's provider.

    Args:
        package: Name of the package, the first part of its resources' types.
        root: Folder of the project file.

    Raises:
        ConfigurationError: There is none, or it is not written in Python.
    """
    for folder in (*_declared(package, root), *_installed(package)):
        manifest = folder / MANIFEST
        if manifest.is_file():
            _require_python(manifest)
            return folder
    raise ConfigurationError(
        f"there is no provider for the package {package!r}",
        why="neither Pulumi.yaml names its folder nor is it installed as a Python package with a "
        f"{MANIFEST}",
        remedy=f"pip install {package}",
    )


def _declared(package: str, root: Path) -> Iterator[Path]:
    path = root / "Pulumi.yaml"
    document: Mapping[str, Any] = {}
    if path.is_file():
        document = yaml.safe_load(path.read_text()) or {}
    source = (document.get("packages") or {}).get(package)
    if isinstance(source, Mapping):
        source = source.get("source")
    if isinstance(source, str) and source.startswith("."):
        yield (root / source).resolve()
    for plugin in (document.get("plugins") or {}).get("providers") or ():
        if plugin.get("name") == package and "path" in plugin:
            yield (root / plugin["path"]).resolve()


def _installed(package: str) -> Iterator[Path]:
    name = package.replace("-", "_")
    for module in (f"pulumi_{name}", name, f"{name}.components"):
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            continue
        for folder in (found.submodule_search_locations or ()) if found else ():
            yield Path(folder)


def _require_python(manifest: Path) -> None:
    runtime = (yaml.safe_load(manifest.read_text()) or {}).get("runtime")
    name = runtime.get("name") if isinstance(runtime, Mapping) else runtime
    if name != "python":
        raise ConfigurationError(
            f"the package in {manifest.parent} cannot be used here",
            why=f"its provider is written for {name!r}, and the embedded engine runs Python's",
        )
