"""What images consist of: an app's folders, copied once per digest and never changed after.

`images/<repository>/<digest>/` is the working directory of the image's containers, and beside it
`<digest>.json` is its manifest, as OCI describes one: a configuration (command, port) and one
layer. The digest of an image is that of its manifest, so that it names content and configuration.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformctl.config.app import App, load_app, load_apps
from platformctl.errors import ConfigurationError, InvocationError
from platformctl.naming import content
from platformctl.naming.content import LEFT_OUT

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.platformctl.image.folders.v1"
"""The layer's digest is over names and contents of files, not over an archive of them."""


@dataclass(frozen=True)
class Image:
    """An image that is here.

    Attributes:
        folder: Working directory of its containers.
        command: Program and arguments, unless the task definition names others.
        port: Port that the app serves on, if it does.
        digest: Digest of its manifest, with `sha256:`.
        manifest: Its manifest, as JSON.
        tag: Digest of its content, the tag that an app's image has by itself.
        size: Bytes of its files.
    """

    folder: Path
    command: tuple[str, ...]
    port: int | None
    digest: str
    manifest: str
    tag: str
    size: int


class ImageContents:
    """The folder with the contents of all images."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, repository: str, digest: str) -> Image | None:
        """Return an image by its digest, None if it is not here."""
        folder = self._folder / repository / digest.removeprefix("sha256:")
        described = folder.with_name(f"{folder.name}.json")
        if not (folder.is_dir() and described.is_file()):
            return None
        said = json.loads(described.read_text())
        return Image(
            folder,
            tuple(said["command"]),
            said["port"],
            digest,
            said["manifest"],
            said["tag"],
            said["size"],
        )

    def add(self, repository: str, app: App) -> Image:
        """Copy an app's folders and return them as an image; one that is here stays as it is."""
        parent = self._folder / repository
        parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".push-", dir=parent))
        try:
            for source in app.folders:
                ignored = shutil.ignore_patterns(*LEFT_OUT)
                shutil.copytree(source, unfinished / source.name, ignore=ignored)
            unfinished.chmod(0o755)
            # Judged by the copies: a source that changes meanwhile cannot be named wrongly.
            layer = content.fingerprint([unfinished / source.name for source in app.folders])
            size = sum(path.stat().st_size for path in unfinished.rglob("*") if path.is_file())
            manifest = _manifest(app, layer, size)
            digest = _sha256(manifest)
            present = self.get(repository, digest)
            if present is not None:
                return present
            folder = parent / digest.removeprefix("sha256:")
            described = {
                "command": app.command,
                "port": app.port,
                "manifest": manifest,
                "tag": layer[: content.DIGITS],
                "size": size,
            }
            folder.with_name(f"{folder.name}.json").write_text(json.dumps(described))
            if folder.is_dir():
                shutil.rmtree(folder)
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return Image(
            folder, app.command, app.port, digest, manifest, described["tag"], described["size"]
        )

    def remove(self, repository: str, digest: str) -> None:
        """Delete an image's content; containers that run keep what they have opened."""
        folder = self._folder / repository / digest.removeprefix("sha256:")
        folder.with_name(f"{folder.name}.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _manifest(app: App, layer: str, size: int) -> str:
    ports = {"ExposedPorts": {f"{app.port}/tcp": {}}} if app.port else {}
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": list(app.command), **ports},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        }
    )
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {
                "mediaType": CONFIGURATION_TYPE,
                "digest": _sha256(configuration),
                "size": len(configuration),
            },
            "layers": [{"mediaType": LAYER_TYPE, "digest": f"sha256:{layer}", "size": size}],
        }
    )


@contextmanager
def app_from(source: Path, name: str) -> Iterator[App]:
    """Yield an application of a project's folder, or of a wheel that contains its folders.

    Raises:
        InvocationError: There is no such application.
        ConfigurationError: Not all of its sources are there.
    """
    if source.suffix != ".whl":
        yield _chosen(source, name, load_apps(source))
        return
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        try:
            zipfile.ZipFile(source).extractall(folder)
        except (OSError, zipfile.BadZipFile) as error:
            raise InvocationError(f"{source} is no wheel", why=str(error)) from error
        found = (load_app(path) for path in sorted(Path(folder).rglob("app.yaml")))
        yield _chosen(source, name, {app.image: app for app in found})


def _chosen(source: Path, name: str, apps: dict[str, App]) -> App:
    app = apps.get(name)
    if app is None:
        known = ", ".join(sorted(apps)) or "no application at all"
        raise InvocationError(
            f"{source} has no application {name}",
            why=f"an app.yaml must say `image: {name}`; there is {known}",
            remedy="name a folder that holds apps/<product>/<app>/app.yaml, or a wheel with them",
        )
    missing = [str(folder) for folder in app.folders if not folder.is_dir()]
    if missing:
        raise ConfigurationError(
            f"{name} in {source} is not complete", why=f"its sources lack {', '.join(missing)}"
        )
    return app
