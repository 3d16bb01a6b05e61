"""Which signals end a process."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from coda.cli.signals import on_stop_signals


@pytest.fixture
def started_by_nohup() -> Iterator[None]:
    """The process was told from its beginning to outlive its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def started_plainly() -> Iterator[None]:
    """The process ends with its terminal, whatever started these tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("started_plainly")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_each_of_these_asks_to_stop(number: signal.Signals) -> None:
    stopped = asyncio.Event()
    with on_stop_signals(stopped.set):
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stopped.wait(), 10)


@pytest.mark.usefixtures("started_by_nohup")
async def test_a_lost_terminal_says_nothing_under_nohup() -> None:
    asked = 0
    stopped = asyncio.Event()

    def count() -> None:
        nonlocal asked
        asked += 1
        stopped.set()

    with on_stop_signals(count):
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stopped.wait(), 10)
    assert asked == 1
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
