"""Where things are measured: the servers that run beside each other, and what was found."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.api import CodaApi
from benchmarks.load import Job
from benchmarks.servers import Server, put_to_work

EMAIL, PASSWORD = "admin@example.com", "benchmarks-only"


@dataclass(slots=True)
class Results:
    """Everything that was found, in the order of measuring."""

    found: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, result: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a result."""
        self.found[name] = result


@dataclass(frozen=True, slots=True)
class Site:
    """Coda, the bare relay and the paced model server; `folder` is theirs and temporary.

    `crowd` are the tokens of people who share the load: one person alone may not have all these runs at work.
    """

    folder: Path
    upstream: Server
    relay: Server
    coda: Server
    results: Results
    crowd: tuple[str, ...]

    async def both(self, name: str, model: str, *, streams: int, rounds: int = 1) -> None:
        """The same load on the relay and on Coda, in turn."""
        relay = Job(self.relay.url, model, self.relay.pid, streams=streams, rounds=rounds)
        self.results.add(f"{name}_relay", await put_to_work(relay))
        self.results.add(f"{name}_coda", await self.on_coda(model, streams=streams, rounds=rounds, crowd=self.crowd))

    async def on_coda(self, model: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a Job
        """A load on Coda alone, by its administrator."""
        return await put_to_work(Job(self.coda.url, model, self.coda.pid, token=await self.token(), **how))

    async def token(self) -> str:
        """The administrator, signed in."""
        async with CodaApi(self.coda.url) as api:
            return await api.sign_in(email=EMAIL, password=PASSWORD)
