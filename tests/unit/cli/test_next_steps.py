"""What a person is told to try after a deployment."""

import pytest
import yaml

from platformctl.cli.runtime import Runtime
from platformctl.cli.views.next_steps import show_next_steps


@pytest.mark.parametrize("sampled", [True, False])
def test_traffic_is_proposed_where_there_is_some(sampled, tmp_path, capsys):
    (tmp_path / "Pulumi.yaml").write_text("name: platform\nruntime: python\n")
    config = {"platform:environment": "local", "platform:products": ["analytics"]}
    (tmp_path / "Pulumi.local.yaml").write_text(yaml.safe_dump({"config": config}))
    if sampled:
        (tmp_path / "apps" / "analytics").mkdir(parents=True)
        (tmp_path / "apps" / "analytics" / "load.yaml").touch()

    show_next_steps(Runtime(tmp_path), "local", {"orders_url": "http://a"})

    said = capsys.readouterr().err
    assert ("platformctl load run local" in said) is sampled
    assert "platformctl destroy local" in said
