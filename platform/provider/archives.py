"""Archives as zip files: the same content always makes the same bytes."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from platformctl.plugin.provider import ResourceOperationError
from platformctl.plugin.values import Archive, Asset

# Zip files know no time before 1980; a fixed one keeps time stamps out of the content.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def zipped(archive: Archive) -> bytes:
    """Return an archive as a zip file: as it is if it is one, else packed.

    Raises:
        ResourceOperationError: It is somewhere else, or not there.
    """
    if archive.path is not None and Path(archive.path).is_file():
        return Path(archive.path).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_members(archive, "")):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    return packed.getvalue()


def _members(archive: Archive, prefix: str) -> Iterator[tuple[str, bytes]]:
    if archive.path is not None:
        yield from _folder(Path(archive.path), prefix)
        return
    if archive.assets is None:
        raise ResourceOperationError(f"an archive cannot come from {archive.uri}")
    for name, member in archive.assets.items():
        if isinstance(member, Archive):
            yield from _members(member, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", content(member)


def _folder(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        raise ResourceOperationError(f"the archive {folder} is not there")
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"{prefix}{path.relative_to(folder).as_posix()}", path.read_bytes()


def content(asset: Asset) -> bytes:
    """Return what is in an asset.

    Raises:
        ResourceOperationError: It is somewhere else, or not there.
    """
    if asset.text is not None:
        return asset.text.encode()
    if asset.path is None:
        raise ResourceOperationError(f"an asset cannot come from {asset.uri}")
    try:
        return Path(asset.path).read_bytes()
    except OSError as error:
        raise ResourceOperationError(f"the asset {asset.path} cannot be read: {error}") from error
