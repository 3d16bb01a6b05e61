"""Loops that must not end, work that must not be cut in the middle, and tasks that nobody awaits."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")


class Logger(Protocol):
    """What one of our loggers can do."""

    def warning(self, event: str, **facts: Any) -> Any:  # noqa: ANN401 - structlog's own
        """Tell of something that was to be expected."""
        ...

    def exception(self, event: str, **facts: Any) -> Any:  # noqa: ANN401 - structlog's own
        """Tell of something that nobody thought of, with where it came from."""
        ...


@dataclass(slots=True)
class Turn:
    """One turn of a loop."""

    has_failed: bool = False


@contextmanager
def unbroken(
    log: Logger, event: str, *, is_expected: Callable[[Exception], bool] = lambda _: False, **facts: object
) -> Iterator[Turn]:
    """One turn of a loop that must not end: whatever it raises is logged, what is expected as a warning."""
    turn = Turn()
    try:
        yield turn
    except Exception as error:  # of a loop that must not end
        turn.has_failed = True
        if is_expected(error):
            log.warning(event, error=type(error).__name__, **facts)
        else:
            log.exception(event, **facts)


class BackgroundTasks:
    """Tasks that nobody awaits. They are held until they end: the event loop alone might lose them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Begin some work."""
        task = asyncio.create_task(work, name=name)
        self.hold(task)
        return task

    def hold(self, task: asyncio.Task[Any]) -> None:
        """Hold a task that has begun."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._tasks)

    async def end(self, *, within: float = 0.0) -> None:
        """Let them end in so many seconds, and cancel those that do not."""
        if self._tasks and within:
            await asyncio.wait(self._tasks, timeout=within)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await work that half of would be worse than none; when cancelled, let it end first."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


_PIECES: Final = 8


class Breather:
    """Gives the event loop to others each time that work has kept it for a while: a stream may lie ready as a whole.

    It cannot tell work from waiting: of a stream that comes slowly only every eighth piece takes a breath for nothing.
    """

    __slots__ = ("_asked", "_due", "_every")

    def __init__(self, every: float = 0.02) -> None:
        self._every = every
        self._due = time.perf_counter() + every
        self._asked = 0

    @property
    def is_due(self) -> bool:
        """Whether to await `take` now; to be asked once for each piece of work."""
        self._asked += 1
        return self._asked % _PIECES == 0 and time.perf_counter() >= self._due

    async def take(self) -> None:
        """Let others work."""
        await asyncio.sleep(0)
        self._due = time.perf_counter() + self._every


async def sharing(items: Iterable[T], *, at_once: int = 100) -> AsyncIterator[T]:
    """The items, with the event loop given to others after each hundred: for work on as many as somebody likes."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % at_once == 0:
            await asyncio.sleep(0)
