"""Ctrl-C and its kin, caught for the whole life of a process."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

_logger = structlog.get_logger("coda.cli")
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class StopSignals:
    """What a stop signal does now; it may be replaced as the process goes through its phases."""

    handler: Callable[[], object]


@contextmanager
def on_stop_signals(handler: Callable[[], object]) -> Iterator[StopSignals]:
    """Call the handler on the running loop for each SIGINT, SIGTERM or SIGHUP (not under `nohup`)."""
    loop = asyncio.get_running_loop()
    signals = StopSignals(handler)
    caught = [number for number in _STOP_SIGNALS if not _is_hang_up_ignored(number)]

    def stop(number: signal.Signals) -> None:
        _logger.info("process.stopping", signal=number.name)
        signals.handler()

    for number in caught:
        loop.add_signal_handler(number, stop, number)
    try:
        yield signals
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


def _is_hang_up_ignored(number: signal.Signals) -> bool:
    """Whoever started this process wants it to outlive their terminal."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
