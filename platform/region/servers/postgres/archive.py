"""The archive of a server's changes (WAL): what recovery to a point in time reads.

Segments are compressed: one that was closed early is mostly zeros. A name appears only when its
file is complete.
"""

import shlex
from pathlib import Path

SEGMENT_MEGABYTES = 4
"""Size of one segment; small, because a quiet server closes one every minute."""


class Archive:
    """A folder of archived segments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def archive_command(self) -> str:
        """`archive_command` of the server that fills it."""
        return (
            f"test -f {self._file('%f.gz')} || "
            f"{{ gzip -1 -c %p > {self._file('%f.new')} "
            f"&& mv {self._file('%f.new')} {self._file('%f.gz')}; }}"
        )

    @property
    def restore_command(self) -> str:
        """`restore_command` of a server that recovers from it."""
        return f"test -f {self._file('%f.gz')} && gzip -d -c {self._file('%f.gz')} > %p"

    def segments(self) -> list[str]:
        """Return the names of the archived segments in order."""
        if not self.folder.exists():
            return []
        return sorted(path.stem for path in self.folder.glob("*.gz") if len(path.stem) == 24)

    def has(self, segment: str) -> bool:
        """Say whether a segment is archived."""
        return (self.folder / f"{segment}.gz").exists()

    def prune(self, oldest: str) -> int:
        """Remove segments older than the one named, of any timeline; return how many."""
        removed = 0
        for name in self.segments():
            # The first eight digits are the timeline; position in the stream is the rest.
            if name[8:] < oldest[8:]:
                (self.folder / f"{name}.gz").unlink()
                removed += 1
        return removed

    def _file(self, name: str) -> str:
        folder = str(self.folder).replace("%", "%%")
        return shlex.quote(f"{folder}/") + name
