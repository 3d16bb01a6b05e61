"""The one statement that stores the frames of all runs of a process, fenced, as `coda_system`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from coda.runs.log.run_log import RunLog
from coda.runs.stream.hub.frame import Frame

# The share lock makes a takeover wait for this statement, or this statement see the takeover: no frame of the old
# claim is stored after the new one has read the log. Rows are locked in key order, as everywhere in the queue.
_INSERT = """
    with claim as materialized (
        select run_id, org_id, fence from run_queue
         where run_id in (select unnest($1::uuid[])) order by run_id for share)
    insert into run_events (org_id, run_id, seq, fence, frame)
    select claim.org_id, run_id, seq, fence, frame
      from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) as frame_of(run_id, seq, fence, frame)
      join claim using (run_id, fence)
"""
_STORED = """
    select run_id
      from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) as last_of(org_id, run_id, seq, fence)
      join run_events using (org_id, run_id, seq, fence)
"""


class StoreUnavailable(Exception):
    """The database did not answer; whether the frames are stored is unknown."""


class FrameRefused(Exception):
    """The database will not take one of these frames, however often it is asked."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The frames of one run in a flush; all are stored, or none."""

    log: RunLog
    frames: Sequence[Frame]

    @property
    def last_seq(self) -> int:
        """The seq of the last frame."""
        return self.frames[-1].seq


@dataclass(frozen=True, slots=True)
class _Statements:
    """What is prepared on one connection."""

    insert: asyncpg.prepared_stmt.PreparedStatement
    stored: asyncpg.prepared_stmt.PreparedStatement


class FrameStore:
    """Holds one connection, on which nothing else happens."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        self._statements: _Statements | None = None

    async def insert(self, batches: Sequence[Batch]) -> set[UUID]:
        """Store the batches of runs whose claim is still ours, and give those runs' ids."""
        runs: list[UUID] = []
        seqs: list[int] = []
        fences: list[int] = []
        texts: list[str] = []
        for batch in batches:
            run_id = batch.log.key.run_id
            for seq, fence, text in batch.frames:
                runs.append(run_id)
                seqs.append(seq)
                fences.append(fence)
                texts.append(text)
        if await self._execute(runs, seqs, fences, texts) == len(runs):
            return {batch.log.key.run_id for batch in batches}
        return await self.find_stored(batches)

    async def find_stored(self, batches: Sequence[Batch]) -> set[UUID]:
        """The runs whose batch is stored."""
        keys = [batch.log.key for batch in batches]
        columns = (
            [key.org_id for key in keys],
            [key.run_id for key in keys],
            [batch.last_seq for batch in batches],
            [key.fence for key in keys],
        )
        async with self._mapped_errors():
            rows = await (await self._connected()).stored.fetch(*columns)
            return {row[0] for row in rows}

    async def _execute(self, *columns: Sequence[object]) -> int:
        async with self._mapped_errors():
            insert = (await self._connected()).insert
            await insert.fetch(*columns)
            return int(insert.get_statusmsg().rsplit(" ", 1)[1])

    @asynccontextmanager
    async def _mapped_errors(self) -> AsyncIterator[None]:
        try:
            yield
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            raise FrameRefused(str(error)) from error
        except Exception as error:
            await self.disconnect()
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    async def _connected(self) -> "_Statements":
        if self._statements is None:
            self._connection = await self._engine.connect()
            raw = await self._connection.get_raw_connection()
            driver: asyncpg.Connection = raw.driver_connection
            self._statements = _Statements(await driver.prepare(_INSERT), await driver.prepare(_STORED))
        return self._statements

    async def disconnect(self) -> None:
        """Drop the connection; the next statement opens a new one."""
        connection, self._connection = self._connection, None
        self._statements = None
        if connection is None:
            return
        for end in (connection.invalidate, connection.close):
            # It may be dead already, which is expected.
            with suppress(
                SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError
            ):
                await end()
