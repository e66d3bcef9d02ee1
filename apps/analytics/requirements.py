"""Write the packages of the images, `*/requirements.txt`, from the project's `uv.lock`.

python apps/analytics/requirements.py          write the files
python apps/analytics/requirements.py --check  exit 1 if they are not what the lock says
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.markers import Marker

HERE = Path(__file__).resolve().parent
TARGETS = {
    # Extra of the project: file for the images that need it.
    "apps": HERE / "telemetry" / "requirements.txt",
    "migrations": HERE / "database" / "requirements.txt",
}
# What the images are: markers of the lock are read for them, not for this machine.
IMAGE = {"sys_platform": "linux", "platform_system": "Linux", "python_full_version": "3.11.14"}
HEADER = "# Written by apps/analytics/requirements.py from uv.lock; do not edit.\n"


def closure(packages: dict[str, Any], roots: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the packages that `roots` need, directly or not, by name."""
    needed: dict[str, Any] = {}
    waiting = list(roots)
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        if "marker" in wanted and not Marker(wanted["marker"]).evaluate({**IMAGE, "extra": ""}):
            continue
        package = packages[wanted["name"]]
        needed[package["name"]] = package
        for extra in ("", *wanted.get("extra", ())):
            if (package["name"], extra) not in seen:
                seen.add((package["name"], extra))
                optional = package.get("optional-dependencies", {})
                waiting += optional.get(extra, []) if extra else package.get("dependencies", [])
    return needed


def requirements(lock: dict[str, Any], extra: str) -> str:
    """Return the text of a file: every package with its version and hashes."""
    packages = {package["name"]: package for package in lock["package"]}
    roots = packages["platformctl"]["optional-dependencies"][extra]
    text = HEADER
    for name, package in sorted(closure(packages, roots).items()):
        lines = [f"{name}=={package['version']}"]
        lines += [f"    --hash={wheel['hash']}" for wheel in package["wheels"] if _fits(wheel)]
        text += " \\\n".join(lines) + "\n"
    return text


def _fits(wheel: dict[str, Any]) -> bool:
    """Tell whether a wheel may be installed in an image: its hash is then needed."""
    name = wheel["url"].rsplit("/", 1)[-1]
    python = any(tag in name for tag in ("-cp311-", "-py3-", "-py2.py3-", "-abi3-"))
    system = "manylinux" in name or name.endswith("-any.whl")
    return python and system


def main() -> int:
    """Write or check the files; return the exit status."""
    lock = tomllib.loads((HERE.parents[1] / "uv.lock").read_text())
    texts = {path: requirements(lock, extra) for extra, path in TARGETS.items()}
    if sys.argv[1:] == ["--check"]:
        return 0 if all(path.read_text() == text for path, text in texts.items()) else 1
    for path, text in texts.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
