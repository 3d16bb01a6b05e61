"""Which mailboxes of this process want which runs."""

from collections.abc import Sequence
from uuid import UUID

from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox


class Watchers:
    """The mailboxes of this process, by run."""

    def __init__(self) -> None:
        self._mailboxes: dict[UUID, list[Mailbox]] = {}

    def __contains__(self, run_id: UUID) -> bool:
        return run_id in self._mailboxes

    @property
    def run_ids(self) -> list[UUID]:
        """The runs that are watched in this process."""
        return list(self._mailboxes)

    def add(self, run_id: UUID, mailbox: Mailbox) -> "WatcherSubscription":
        """Deliver a run's frames into a mailbox."""
        self._mailboxes.setdefault(run_id, []).append(mailbox)
        return WatcherSubscription(self, run_id, mailbox)

    def remove(self, run_id: UUID, mailbox: Mailbox) -> None:
        """Deliver no more of this run into this mailbox."""
        mailboxes = self._mailboxes.get(run_id, [])
        if mailbox in mailboxes:
            mailboxes.remove(mailbox)
        if not mailboxes:
            self._mailboxes.pop(run_id, None)

    def deliver(self, run_id: UUID, frames: Sequence[Frame]) -> None:
        """Put frames into every mailbox of a run; none at all means that some may have been missed."""
        for mailbox in self._mailboxes.get(run_id, ()):
            mailbox.put(run_id, frames)


class WatcherSubscription:
    """One mailbox's interest in one run."""

    __slots__ = ("_mailbox", "_run_id", "_watchers")

    def __init__(self, watchers: Watchers, run_id: UUID, mailbox: Mailbox) -> None:
        self._watchers, self._run_id, self._mailbox = watchers, run_id, mailbox

    def close(self) -> None:
        """Deliver nothing more. Closing twice is closing once."""
        self._watchers.remove(self._run_id, self._mailbox)
