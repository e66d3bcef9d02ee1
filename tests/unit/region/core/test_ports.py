"""Which port is listened on where only root may listen below 1024."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from platformctl.region.ports import listening

PROGRAM = """
import os
from platformctl.region.ports import listening
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
print(*(listening(port) for port in (443, 80, 8443, 5432)))
"""
SETTING = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


def test_port_443_is_at_8443_for_a_user_without_privileges():
    if not SETTING.exists() or int(SETTING.read_text()) <= 443:
        pytest.skip("everybody may listen on any port of this machine")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["8443", "8080", "8443", "5432"]


@pytest.mark.skipif(os.geteuid() != 0, reason="root may listen everywhere")
def test_root_listens_where_aws_does():
    assert [listening(port) for port in (443, 80)] == [443, 80]
