"""Map the folders of this repository onto the package `platformctl` (see ARCHITECTURE.md)."""

from setuptools import find_packages, setup

FOLDERS = {
    "platformctl": "platform",
    "platformctl.cli": "cli",
    "platformctl.components": "components",
    "platformctl.policies": "policies",
    "platformctl.stacks": "stacks",
}


def packages() -> list[str]:
    """Name every package under the mapped folders, so that a new one needs no listing."""
    names = [name for name in FOLDERS if name != "platformctl"]
    for name, folder in FOLDERS.items():
        names += [f"{name}.{child}" for child in find_packages(folder)]
    return sorted(names)


setup(packages=packages(), package_dir=FOLDERS)
