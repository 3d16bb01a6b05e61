"""Joins a reader to a run: subscribe, then read Postgres, then drop by seq. Nothing is missed, nothing doubled."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.db.outages import through_outage
from coda.core.scope import Scope
from coda.core.settings import RunSettings
from coda.runs.errors import RunNotFound
from coda.runs.models import Run
from coda.runs.repository import RunRepository
from coda.runs.stream.compact import compact_stream
from coda.runs.stream.follower import Follower
from coda.runs.stream.frames import is_end
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.port import Hub, Subscription
from coda.runs.stream.reopening import reopen
from coda.runs.stream.run_views import run_views
from coda.runs.stream.stored import StoredStreams
from coda.runs.types import TERMINAL_STATUSES, RunKey

_logger = structlog.get_logger(__name__)
_PAUSE = 0.5
_CATCH_UPS_AT_ONCE = 4


@dataclass(slots=True)
class Attachment:
    """A reader's subscription: the run as the API shows it, what to send first, and the position after that."""

    run: dict[str, Any]
    frames: Sequence[Frame]
    follower: Follower
    subscription: Subscription

    def close(self) -> None:
        """Get nothing more of this run."""
        self.subscription.close()


class RunStreams:
    """Attaches readers to runs, and reads from Postgres what a hub has lost."""

    def __init__(self, database: Database, hub: Hub, settings: RunSettings) -> None:
        self._database, self.hub, self._settings = database, hub, settings
        # When all readers miss something at once, commands still find connections.
        self._catching_up = asyncio.Semaphore(_CATCH_UPS_AT_ONCE)

    async def attach(self, scope: Scope, run_id: UUID, *, after: int, mailbox: Mailbox) -> Attachment:
        """The stream behind `after`; what comes later is put into the mailbox. Raises RunNotFound."""
        subscription = await self.hub.subscribe(RunKey(scope.org_id, run_id), mailbox)
        with ExitStack() as undo:
            undo.callback(subscription.close)
            async with self._database.transaction(scope) as db:
                run = await _get_run(db, scope, run_id)
                frames, last_seq = await _opening(StoredStreams(db, scope), run, after)
                shown = await run_views(db, scope, self._settings).one(run)
            undo.pop_all()
        follower = Follower(run_id, last_seq=last_seq)
        if frames and is_end(frames[-1].text):
            follower.is_over = True
            subscription.close()
        return Attachment(shown, frames, follower, subscription)

    async def read_run(self, scope: Scope, run_id: UUID) -> dict[str, Any]:
        """The run as it is now. Raises RunNotFound."""
        async with self._database.transaction(scope) as db:
            return await run_views(db, scope, self._settings).one(await _get_run(db, scope, run_id))

    async def catch_up(self, scope: Scope, follower: Follower) -> Sequence[Frame]:
        """The frames that the follower lacks, from Postgres; waits while that does not answer."""

        async def read() -> Sequence[Frame]:
            async with self._database.transaction(scope) as db:
                return await StoredStreams(db, scope).list_frames(follower.run_id, after=follower.last_seq)

        def note(error: Exception) -> None:
            _logger.warning("streams.not_caught_up", run_id=str(follower.run_id), error=type(error).__name__)

        async with self._catching_up:
            return follower.catch_up(await through_outage(read, pauses=itertools.repeat(_PAUSE), note=note))


async def _get_run(db: AsyncSession, scope: Scope, run_id: UUID) -> Run:
    run = await RunRepository(db, scope).find(run_id)
    if run is None:
        raise RunNotFound(run_id)
    return run


async def _opening(streams: StoredStreams, run: Run, after: int) -> tuple[list[Frame], int]:
    """What to send first, and the seq of the last event that the reader has then."""
    stored = await streams.list_from_structure(run.id, after=after)
    is_complete = bool(stored) and is_end(stored[-1].text)
    if run.status in TERMINAL_STATUSES and not is_complete:
        return await _from_message(streams, run, after), run.last_seq
    if is_complete:
        after = min(after, stored[-1].seq)
    elif after and (not stored or stored[-1].seq <= after):
        after = min(after, await streams.last_seq(run.id))
    fresh = [frame for frame in stored if frame.seq > after]
    known = [frame for frame in stored if frame.seq <= after]
    return [*reopen(known, after=after), *fresh], fresh[-1].seq if fresh else after


async def _from_message(streams: StoredStreams, run: Run, after: int) -> list[Frame]:
    """The stream of a run whose events are gone."""
    message = await streams.find_message(run)
    if message is None:
        raise RunNotFound(run.id)
    frames = compact_stream(run, message, after=min(after, run.last_seq))
    if after and after >= run.last_seq:
        return reopen((frames[0], frames[-1]), after=run.last_seq)
    return frames
