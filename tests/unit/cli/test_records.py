"""Outputs are shown as they are."""

import pytest

from platformctl.cli.views.records import show_outputs


@pytest.mark.parametrize(
    "value", ["arn:aws:secretsmanager:us-east-1:000000000000:secret:orders", "[bold]", ["a", "b"]]
)
def test_a_value_is_shown_as_it_is_whatever_it_looks_like(value, capsys):
    show_outputs({"it": value}, as_json=False)

    assert capsys.readouterr().out.split("\n")[1].split(maxsplit=1)[1].rstrip() == str(value)
