"""A few grants are really taken away in the local cloud, in a process of its own, and the flow really fails."""

import subprocess
import sys

import pytest

from local.deploy import ROOT
from tests.privilege.mutation import program_of
from tests.privilege.rerun import sample


def rerun(count: int, seed: int) -> list[str]:
    """What the command says."""
    command = [sys.executable, "-m", "tests.privilege.rerun", str(count), str(seed)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    return ran.stdout.splitlines()


def test_a_seed_chooses_always_the_same() -> None:
    program = program_of("local")
    chosen = sample(program, 20, 1)
    assert chosen == sample(program, 20, 1) != sample(program, 20, 2)
    assert len(set(chosen)) == 20


@pytest.mark.flow
@pytest.mark.timeout(900)
def test_the_flow_fails_without_a_grant() -> None:
    lines = rerun(1, 4)
    assert lines[-1] == "1 grants taken away in the local cloud (seed 4): 0 unnoticed"


@pytest.mark.flow
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_flow_fails_without_any_of_a_sample() -> None:
    print(*rerun(12, 7), sep="\n")
