import pytest

from platformctl.cli.durations import seconds
from platformctl.errors import InvocationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", 0.5),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("7", 7),
        ("1.5s", 1.5),
    ],
)
def test_reads_a_number_with_a_unit(text, expected):
    assert seconds(text, "--since") == expected


@pytest.mark.parametrize("text", ["", "soon", "-5s", "5 weeks", "5sm"])
def test_names_the_flag_when_it_cannot_read_a_duration(text):
    with pytest.raises(InvocationError, match="--since"):
        seconds(text, "--since")
