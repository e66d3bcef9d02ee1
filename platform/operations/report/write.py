"""Writing a report where people find it."""

import json
from pathlib import Path

from platformctl.operations.kernel.journal import Journal
from platformctl.operations.report.html import html
from platformctl.operations.report.report import Report, read_report


def write_report(journal: Journal, name: str, folder: Path) -> Path:
    """Write the report of an operation, as a page and as JSON beside it; return the page.

    Args:
        journal: Where the operation is recorded.
        name: Its id.
        folder: Where the files go; it is made where it is missing.

    Raises:
        InvocationError: There is no operation of that id.
    """
    report = read_report(journal, name)
    write_file(report, folder / f"{name}.json")
    return write_file(report, folder / f"{name}.html")


def write_file(report: Report, path: Path) -> Path:
    """Write a report to a file, as JSON where its name ends so, else as a page; return the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        text = json.dumps(report.document(), indent=2, ensure_ascii=False) + "\n"
    else:
        text = html(report)
    path.write_text(text, encoding="utf-8")
    return path
