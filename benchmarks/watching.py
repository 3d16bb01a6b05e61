"""Watches runs from the client's side: each token's way, gaps in the numbering, the server's CPU in between."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from benchmarks.family import cpu_by_name, cpu_seconds

_TOKEN = re.compile(r"t(\d{13}\.\d+) ")
_ARRIVAL = re.compile(r"a(\d{13}\.\d+) ")
_BEGUN, _NEARLY_DONE = 0.1, 0.95


def clock_ms() -> float:
    """The clock that the upstream writes into its tokens."""
    return time.time() * 1000


@dataclass(slots=True)
class Meter:
    """CPU time of a server while runs stream: over all, and between the moment when every run streams and the end.

    The second is the price of a token alone, without what beginning and ending a run costs.
    """

    root_pid: int
    runs: int
    tokens: int = 0
    _streaming: int = 0
    _steady: list[tuple[int, float]] = field(default_factory=list)
    _before: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """Begin to count."""
        self._before = cpu_by_name(self.root_pid)

    def run_streams(self) -> None:
        """One more run has had its first tokens."""
        self._streaming += 1
        if self._streaming == self.runs:
            self._sample()

    def run_ends_soon(self) -> None:
        """A run has had nearly all of its tokens; the first one closes the window."""
        if len(self._steady) == 1:
            self._sample()

    def used(self) -> dict[str, float]:
        """CPU seconds since the start, by program."""
        after = cpu_by_name(self.root_pid)
        return {name: round(seconds - self._before.get(name, 0), 3) for name, seconds in after.items()}

    def steady_us_per_token(self) -> float | None:
        """Microseconds per token inside the window; None where the runs did not overlap."""
        if len(self._steady) < 2 or self._steady[1][0] == self._steady[0][0]:
            return None
        (tokens_before, cpu_before), (tokens_after, cpu_after) = self._steady
        return round((cpu_after - cpu_before) * 1e6 / (tokens_after - tokens_before), 1)

    def _sample(self) -> None:
        self._steady.append((self.tokens, cpu_seconds(self.root_pid)))


class WatchedRun:
    """What a client saw of one run."""

    def __init__(self, run_id: str, expected: int, meter: Meter) -> None:
        self.run_id = run_id
        self.sent_ms = self.acked_ms = self.first_ms = 0.0
        self.arrived_ms = self.upstream_ms = 0.0
        self.delays: list[float] = []
        self.gaps = 0
        self.problem: str | None = None
        self.is_finished = False
        self.done = asyncio.Event()
        self._expected, self._meter = expected, meter
        self._last_seq = 0
        self._begins = max(1, round(expected * _BEGUN))
        self._nearly = max(1, round(expected * _NEARLY_DONE))

    @property
    def added_ms(self) -> float:
        """Time to the first token, less the upstream's own."""
        return self.first_ms - self.sent_ms - self.upstream_ms

    def receive(self, payload: bytes) -> None:
        """Take a frame of the socket: an event, several, or an answer to a command."""
        at_ms = clock_ms()
        frame = orjson.loads(payload)
        for event in frame if isinstance(frame, list) else (frame,):
            if "type" in event:
                self._take(event, at_ms)
            elif event.get("op") == "ack":
                self.acked_ms = at_ms
            elif event.get("op") == "error":
                self.end(orjson.dumps(event).decode()[:300])

    def end(self, problem: str | None) -> None:
        """Nothing more comes."""
        if not self.done.is_set():
            self.problem = problem
            self.is_finished = problem is None
            self.done.set()

    def _take(self, event: dict[str, Any], at_ms: float) -> None:
        coda = event["metadata"]["coda"]
        if coda["run_id"] != self.run_id:
            return
        self.gaps += coda["seq"] != self._last_seq + 1
        self._last_seq = coda["seq"]
        match event["type"]:
            case "TEXT_MESSAGE_CONTENT":
                self._tokens(event["delta"], at_ms)
            case "RUN_FINISHED":
                self.end(None)
            case "RUN_ERROR":
                self.end(orjson.dumps(event).decode()[:300])

    def _tokens(self, text: str, at_ms: float) -> None:
        for written in _TOKEN.findall(text):
            if not self.delays:
                self._first(text, float(written), at_ms)
            self.delays.append(at_ms - float(written))
            self._meter.tokens += 1
            if len(self.delays) == self._begins:
                self._meter.run_streams()
            if len(self.delays) == self._nearly:
                self._meter.run_ends_soon()

    def _first(self, text: str, written_ms: float, at_ms: float) -> None:
        self.first_ms = at_ms
        arrival = _ARRIVAL.search(text)
        if arrival is not None:
            self.arrived_ms = float(arrival[1])
            self.upstream_ms = written_ms - self.arrived_ms
