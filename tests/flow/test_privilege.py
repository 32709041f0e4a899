"""What the whole flow calls, and what it is allowed, is what `docs/least-privilege.md` says."""

import subprocess
import sys

import pytest

from local.deploy import ROOT

pytestmark = pytest.mark.flow


@pytest.mark.timeout(600)
def test_the_flow_needs_what_is_written_down_and_nothing_else() -> None:
    """In a process of its own: functions that other tests have warmed hold keys, and do not ask for them again."""
    command = [sys.executable, "-m", "tests.privilege.record", "--check"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"run: make privilege\n{ran.stdout}{ran.stderr[-2000:]}"
