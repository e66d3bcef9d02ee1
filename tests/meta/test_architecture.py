"""The map of the folders stays true."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text()
NOT_CODE = {"build", "dist", "node_modules"}


def test_every_path_that_the_page_names_exists():
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", PAGE)
    generated = {"build/types/"}

    missing = [path for path in named if path not in generated and not (ROOT / path).exists()]

    assert missing == []


def test_every_folder_has_its_place_on_the_page():
    folders = [
        path.name
        for path in ROOT.iterdir()
        if path.is_dir()
        and not path.name.startswith(".")
        and path.name not in NOT_CODE
        and not path.name.endswith(".egg-info")
    ]

    assert [name for name in folders if f"| `{name}/` |" not in PAGE] == []


def test_every_part_of_the_core_library_is_named_on_the_page():
    parts = [path.name for path in (ROOT / "platform").iterdir() if (path / "py.typed").exists()]

    assert [name for name in parts if f"`platform/{name}/" not in PAGE] == []
