"""The hub of a single process: publishing is a call."""

from collections.abc import Callable, Sequence

from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.port import Note, NoteListener
from coda.runs.stream.hub.watchers import Watchers, WatcherSubscription
from coda.runs.types import RunKey


class MemoryHub:
    """Hands frames to the mailboxes of this process."""

    def __init__(self) -> None:
        self._watchers = Watchers()
        self._listeners: list[NoteListener] = []

    async def start(self) -> None:
        """Nothing needs to be started."""

    def publish(self, run: RunKey, frames: Sequence[Frame]) -> None:
        """Put the frames into every mailbox of this run."""
        self._watchers.deliver(run, frames)

    def ended(self, run: RunKey) -> None:
        """Let the remaining readers look into Postgres: the run may have ended without this process knowing."""
        self._watchers.deliver(run, ())

    async def subscribe(self, run: RunKey, mailbox: Mailbox) -> WatcherSubscription:
        """Deliver this run's frames into the mailbox from now on."""
        return self._watchers.add(run, mailbox)

    def note(self, note: Note) -> None:
        """Tell every listener."""
        for listener in tuple(self._listeners):
            listener(note)

    def listen(self, listener: NoteListener) -> Callable[[], None]:
        """Hear every note; gives the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def is_well(self) -> bool:
        """One process always reaches itself."""
        return True

    async def close(self) -> None:
        """Deliver nothing more."""
        self._watchers = Watchers()
        self._listeners.clear()
