"""Images: an app's source folders, copied once per digest and never changed after.

A reference `<anything>/<repository>:<tag>` names the folder `images/<repository>/<tag>`. It is
made from the app of that name while the tag is the digest of its current source; beside it stands
a file that remembers the command, as `app.yaml` may say something else by the time it is used.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from platformctl.config.app import App, load_apps
from platformctl.errors import ConfigurationError
from platformctl.naming.content import LEFT_OUT
from platformctl.region.services.ecs.failures import cannot_pull


@dataclass(frozen=True)
class Image:
    """An image that is here.

    Attributes:
        folder: Working directory of its containers.
        command: Program and arguments, unless the task definition names others.
        port: Port that the app serves on, if it does.
        digest: Digest of its content.
    """

    folder: Path
    command: tuple[str, ...]
    port: int | None
    digest: str


def split(reference: str) -> tuple[str, str]:
    """Return repository and tag of an image reference; the tag is `latest` if it has none."""
    path = reference.split("@", 1)[0]
    name, _, tag = path.rsplit("/", 1)[-1].partition(":")
    return name, tag or "latest"


class Images:
    """The images of the region."""

    def __init__(self, root: Path, project: Path | None) -> None:
        self._folder = root / "images"
        self._project = project
        self._pulling: dict[tuple[str, str], asyncio.Lock] = {}

    async def pull(self, reference: str) -> Image:
        """Return an image, made from its app's source if it is not here yet.

        Raises:
            TaskStartError: There is no such image.
        """
        repository, tag = split(reference)
        async with self._pulling.setdefault((repository, tag), asyncio.Lock()):
            return await asyncio.to_thread(self._pull, reference, repository, tag)

    def _pull(self, reference: str, repository: str, tag: str) -> Image:
        folder = self._folder / repository / tag
        manifest = folder.with_name(f"{tag}.json")
        if not (folder.is_dir() and manifest.is_file()):
            self._build(self._app(reference, repository, tag), folder, manifest)
        said = json.loads(manifest.read_text())
        return Image(folder, tuple(said["command"]), said["port"], tag)

    def _app(self, reference: str, repository: str, tag: str) -> App:
        if self._project is None:
            raise cannot_pull(reference, "the region runs without a project")
        try:
            app = load_apps(self._project).get(repository)
        except ConfigurationError as error:
            raise cannot_pull(reference, str(error)) from error
        if app is None:
            raise cannot_pull(reference, f"no apps/*/*/app.yaml has `image: {repository}`")
        if app.digest != tag:
            raise cannot_pull(reference, f"the source of {repository} has the digest {app.digest}")
        return app

    def _build(self, app: App, folder: Path, manifest: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".pull-", dir=folder.parent))
        try:
            _copy(app.folders, unfinished)
            unfinished.chmod(0o755)
            manifest.write_text(json.dumps({"command": app.command, "port": app.port}))
            if folder.is_dir():
                shutil.rmtree(folder)
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _copy(sources: Sequence[Path], target: Path) -> None:
    for source in sources:
        shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
