import pytest
from support.paper import PaperProject


@pytest.fixture
def paper(tmp_path):
    """A project of its own on paper."""
    return PaperProject(tmp_path)
