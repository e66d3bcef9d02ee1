"""Every test gets an empty project of its own."""

from pathlib import Path

import pytest
from support.engine_program import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
