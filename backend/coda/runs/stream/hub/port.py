"""The hub port: carries stored frames, and notes, from publishers to readers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.types import RunKey

NoteTopic = Literal["session", "run"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person may see has changed; goes to all of that person's sockets in that organization."""

    org_id: UUID
    user_id: UUID
    topic: NoteTopic
    id: UUID
    change: str


NoteListener = Callable[[Note], None]


class Subscription(Protocol):
    """One reader's interest in one run."""

    def close(self) -> None:
        """Deliver nothing more. Closing twice is closing once."""
        ...


class Hub(Protocol):
    """Delivers frames in the order of their publication; may lose some, but then says so or leaves a gap in seq.

    Nothing here waits for a reader or for the network: a slow reader loses its mailbox, a lost network its frames,
    and both find what they missed in Postgres.
    """

    async def start(self) -> None:
        """Begin to work, on the running event loop."""
        ...

    def publish(self, run: RunKey, frames: Sequence[Frame]) -> None:
        """Send stored frames of a run to its watchers everywhere."""
        ...

    def ended(self, run: RunKey) -> None:
        """This process publishes no more of this run; it has ended, or another process continues it."""
        ...

    async def subscribe(self, run: RunKey, mailbox: Mailbox) -> Subscription:
        """Put every frame that is published after this call's return into the mailbox.

        An empty delivery means that frames may have been missed: look into Postgres.
        """
        ...

    def note(self, note: Note) -> None:
        """Tell a person's sockets everywhere that something changed. Call it after the commit."""
        ...

    def listen(self, listener: NoteListener) -> Callable[[], None]:
        """Hear every note; gives the function that ends it."""
        ...

    async def is_well(self) -> bool:
        """Whether frames reach other processes now (for readiness)."""
        ...

    async def close(self) -> None:
        """Stop; subscriptions get nothing more."""
        ...
