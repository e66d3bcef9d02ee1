"""Build the wheel, install it alone in a new environment, and use it there."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import importlib, pkgutil, platform
import platformctl.components, platformctl.config, platformctl.stacks
assert platform.system(), "the standard library's platform module must stay reachable"
path, prefix = platformctl.components.__path__, "platformctl.components."
names = [module.name for module in pkgutil.walk_packages(path, prefix)]
for name in names:
    importlib.import_module(name)
print(f"{len(names)} component modules import from the wheel")
"""


def main() -> None:
    """Fail unless the library alone (no extras) installs and imports, and the command answers."""
    with tempfile.TemporaryDirectory() as folder:
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run(
            [uv, "build", "--wheel", "--quiet", "--out-dir", folder], cwd=ROOT, check=True
        )
        wheel = next(Path(folder).glob("*.whl"))
        environment = Path(folder, "venv")
        venv.create(environment, with_pip=False)
        python = environment / "bin" / "python"
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", str(python), str(wheel)], check=True
        )
        subprocess.run([str(python), "-c", PROGRAM], cwd=folder, check=True)
        subprocess.run(
            [str(environment / "bin" / "platformctl"), "--version"], cwd=folder, check=True
        )


if __name__ == "__main__":
    main()
