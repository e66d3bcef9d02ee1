"""Every link of every page leads somewhere, and every page is reached from the README."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("*.md", "apps", "benchmarks", "docs", "examples", "policies")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z]+:")


def pages() -> list[Path]:
    """Return all pages that people read, installed packages left out."""
    found = [*ROOT.glob("*.md")]
    for folder in PARTS[1:]:
        found += (ROOT / folder).rglob("*.md")
    return [page for page in found if not {"node_modules", ".platformctl"} & {*page.parts}]


@cache
def prose(page: Path) -> str:
    """Return a page's text without its code."""
    return FENCE.sub("", page.read_text())


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the heading of each link to a file of ours."""
    for target in LINK.findall(CODE.sub("", prose(page))):
        if not ELSEWHERE.match(target):
            path, _, heading = target.partition("#")
            yield ((page.parent / path).resolve() if path else page), heading


@cache
def headings(page: Path) -> frozenset[str]:
    """Return the names under which a page's headings are linked at GitHub."""
    names: list[str] = []
    for heading in HEADING.findall(prose(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        repeated = sum(
            re.fullmatch(rf"{re.escape(name)}(-\d+)?", each) is not None for each in names
        )
        names.append(f"{name}-{repeated}" if repeated else name)
    return frozenset(names)


def test_every_link_leads_to_a_file_of_this_repository():
    broken = [
        f"{page.relative_to(ROOT)} → {file}"
        for page in pages()
        for file, _ in links(page)
        if not file.exists() or not file.is_relative_to(ROOT)
    ]

    assert broken == []


def test_every_link_to_a_heading_names_one_that_is_there():
    broken = [
        f"{page.relative_to(ROOT)} → {file.name}#{heading}"
        for page in pages()
        for file, heading in links(page)
        if heading and file.suffix == ".md" and file.exists() and heading not in headings(file)
    ]

    assert broken == []


def test_every_page_is_reached_from_the_readme():
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        waiting += [file / "README.md" if file.is_dir() else file for file, _ in links(page)]

    assert sorted(str(page.relative_to(ROOT)) for page in {*pages()} - reached) == []


def test_every_picture_is_shown_on_a_page():
    shown = {file for page in pages() for file, _ in links(page)}

    assert [each.name for each in (ROOT / "docs" / "images").iterdir() if each not in shown] == []
