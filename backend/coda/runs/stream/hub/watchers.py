"""Which mailboxes of this process want which runs."""

from collections.abc import Sequence

from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.types import RunKey


class Watchers:
    """The mailboxes of this process, by run."""

    def __init__(self) -> None:
        self._mailboxes: dict[RunKey, list[Mailbox]] = {}

    def __contains__(self, run: RunKey) -> bool:
        return run in self._mailboxes

    @property
    def runs(self) -> list[RunKey]:
        """The runs that are watched in this process."""
        return list(self._mailboxes)

    def add(self, run: RunKey, mailbox: Mailbox) -> "WatcherSubscription":
        """Deliver a run's frames into a mailbox."""
        self._mailboxes.setdefault(run, []).append(mailbox)
        return WatcherSubscription(self, run, mailbox)

    def remove(self, run: RunKey, mailbox: Mailbox) -> None:
        """Deliver no more of this run into this mailbox."""
        mailboxes = self._mailboxes.get(run, [])
        if mailbox in mailboxes:
            mailboxes.remove(mailbox)
        if not mailboxes:
            self._mailboxes.pop(run, None)

    def deliver(self, run: RunKey, frames: Sequence[Frame]) -> None:
        """Put frames into every mailbox of a run; none at all means that some may have been missed."""
        for mailbox in self._mailboxes.get(run, ()):
            mailbox.put(run.run_id, frames)


class WatcherSubscription:
    """One mailbox's interest in one run."""

    __slots__ = ("_mailbox", "_run", "_watchers")

    def __init__(self, watchers: Watchers, run: RunKey, mailbox: Mailbox) -> None:
        self._watchers, self._run, self._mailbox = watchers, run, mailbox

    def close(self) -> None:
        """Deliver nothing more. Closing twice is closing once."""
        self._watchers.remove(self._run, self._mailbox)
