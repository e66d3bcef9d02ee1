"""Assets and archives: files given to resources, known by the hash of their content.

An archive's hash covers the names and contents of its members in sorted order, so it does not
depend on time stamps or on the order in which a folder is read.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformctl.engine import wire
from platformctl.plugin.values import Archive, Asset

READ_SIZE = 1 << 20


def asset(fields: Mapping[str, Any], base: Path) -> Asset:
    """Make the asset that a signed object describes; hashes its content if it has none.

    Raises:
        ValueError: The file cannot be read.
    """
    text, path, uri = fields.get("text"), fields.get("path"), fields.get("uri")
    known = fields.get("hash") or ""
    if path:
        return Asset(known or _hash_file(base / path), path=path)
    if uri:
        return Asset(known or _hash_text(uri), uri=uri)
    return Asset(known or _hash_text(text or ""), text=text or "")


def archive(fields: Mapping[str, Any], base: Path) -> Archive:
    """Make the archive that a signed object describes; hashes its content if it has none.

    Raises:
        ValueError: A file cannot be read.
    """
    known = fields.get("hash") or ""
    path, uri, members = fields.get("path"), fields.get("uri"), fields.get("assets")
    if path:
        return Archive(known or _hash_path(base / path), path=path)
    if uri:
        return Archive(known or _hash_text(uri), uri=uri)
    members = members or {}
    hashes = {name: member.hash for name, member in members.items()}
    return Archive(known or _hash_members(hashes), assets=dict(members))


def recorded_asset(fields: Mapping[str, Any]) -> Asset:
    """Read an asset from the state, whose file may be gone by now."""
    return Asset(
        fields.get("hash") or "",
        text=fields.get("text"),
        path=fields.get("path"),
        uri=fields.get("uri"),
    )


def recorded_archive(fields: Mapping[str, Any]) -> Archive:
    """Read an archive from the state, whose files may be gone by now."""
    members = fields.get("assets")
    if members is not None:
        members = {
            name: recorded_asset(each)
            if each[wire.SIGNATURE] == wire.ASSET
            else recorded_archive(each)
            for name, each in members.items()
        }
    return Archive(
        fields.get("hash") or "",
        assets=members,
        path=fields.get("path"),
        uri=fields.get("uri"),
    )


def describe(value: Asset | Archive) -> dict[str, Any]:
    """Return the signed object that stands for an asset or archive."""
    signature = wire.ASSET if isinstance(value, Asset) else wire.ARCHIVE
    described: dict[str, Any] = {wire.SIGNATURE: signature, "hash": value.hash}
    if value.path is not None:
        described["path"] = value.path
    elif value.uri is not None:
        described["uri"] = value.uri
    elif isinstance(value, Asset):
        described["text"] = value.text or ""
    else:
        described["assets"] = {key: describe(item) for key, item in (value.assets or {}).items()}
    return described


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(READ_SIZE):
                digest.update(chunk)
    except OSError as error:
        raise ValueError(f"the asset {str(path)!r} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _hash_path(path: Path) -> str:
    if not path.is_dir():
        return _hash_file(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return _hash_members({file.relative_to(path).as_posix(): _hash_file(file) for file in files})


def _hash_members(hashes: Mapping[str, str]) -> str:
    lines = (f"{name}\0{hashes[name]}\n" for name in sorted(hashes))
    return _hash_text("".join(lines))
