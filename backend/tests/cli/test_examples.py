"""The examples do what they say, each as a program of its own against a running Coda."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ADMIN, Server

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def run_example(running: Server, home: Path) -> Callable[[str], str]:
    """Run an example; gives what it printed."""
    token = running.post("/api/v1/auth/login", ADMIN).json()["access_token"]
    key = running.post("/api/v1/api-keys", {"name": "examples"}, token=token).json()["key"]

    def run(name: str) -> str:
        environment = {"CODA_URL": running.address, "CODA_API_KEY": key, "NO_PROXY": "*"}
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, EXAMPLES / name], cwd=home, env=environment, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_examples(run_example: Callable[[str], str]) -> None:
    controlled = run_example("stream_control.py")
    marks = ("[ack of start]", "[connection lost", "[ack of attach]", "[ack of cancel]", "[RUN_FINISHED cancelled]")
    places = [controlled.index(mark) for mark in marks]
    assert places == sorted(places)

    paused = run_example("pause_resume.py")
    assert paused.index("[pause]") < paused.index("[resume]") < paused.index("[RUN_FINISHED success]")
