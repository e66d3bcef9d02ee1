"""How a change of a flag is told."""

import pytest

from platformctl.cli.views.flag import show_change
from platformctl.operations.flags.change import Change
from platformctl.operations.flags.model import Flag

OFF = Flag(name="summary-by-path", enabled=False, percentage=0, audience=())
ON = Flag(name="summary-by-path", enabled=True, percentage=100, audience=())


@pytest.mark.parametrize(("before", "is_new"), [(None, True), (OFF, False)])
def test_a_name_that_was_never_set_is_pointed_out_as_it_may_be_misspelled(
    before: Flag | None, is_new: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    show_change("analytics", Change(before=before, after=ON, revision=1), as_json=False)
    said = capsys.readouterr().err

    assert "summary-by-path of analytics: on for everybody" in said
    assert ("code that asks for another name" in said) is is_new
