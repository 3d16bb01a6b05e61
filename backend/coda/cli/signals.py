"""Ctrl-C and its kin, caught for the whole life of a process."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class StopSignals:
    """What a stop signal does now; it may be replaced as the process goes through its phases."""

    handler: Callable[[], object]


@contextmanager
def on_stop_signals(handler: Callable[[], object]) -> Iterator[StopSignals]:
    """Call the handler on the running loop for each SIGINT, SIGTERM or SIGHUP."""
    loop = asyncio.get_running_loop()
    signals = StopSignals(handler)
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, lambda: signals.handler())
    try:
        yield signals
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
