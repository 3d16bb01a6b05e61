"""What a client is told while it waits."""

import asyncio


class Notes:
    """Takes notes of progress. `begun` is set with the first one that holds `awaited`."""

    def __init__(self, awaited: str = "") -> None:
        self.begun = asyncio.Event()
        self.told: list[tuple[float, str]] = []
        self._awaited = awaited

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.told.append((progress, message or ""))
        if self._awaited in (message or ""):
            self.begun.set()
