"""Digests of source folders: the tag of an image is what is in it."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

DIGITS = 16
"""Hexadecimal digits of a digest: enough that no two sources ever share one."""
LEFT_OUT = frozenset({"__pycache__", "node_modules", ".DS_Store", "tests"})


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a source folder that go into its image, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT.intersection(relative.parts):
            yield path


def digest(folders: Sequence[Path]) -> str:
    """Return the first 16 hexadecimal digits of the fingerprint of folders."""
    return fingerprint(folders)[:DIGITS]


def fingerprint(folders: Sequence[Path]) -> str:
    """Return a SHA-256 over names and contents of folders, in hexadecimal digits."""
    total = hashlib.sha256()
    for folder in folders:
        for path in files(folder):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()
