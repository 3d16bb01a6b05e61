"""The one statement that stores the frames of all runs of a process, fenced, as `coda_system`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from coda.runs.log.run_log import RunLog
from coda.runs.stream.hub.frame import Frame

# The share lock makes a takeover wait for this statement, or this statement see the takeover: no frame of the old
# claim is stored after the new one has read the log. Rows are locked in key order, as everywhere in the queue.
# Each column comes as one text: of each element of an array the driver asks whether it is an array itself, a quarter of
# what this statement costs the process. A rendered frame has no control character in it.
_INSERT = """
    with frame_of as materialized (
        select * from unnest(
            string_to_array($1, ',')::uuid[], string_to_array($2, ',')::uuid[], string_to_array($3, ',')::bigint[],
            string_to_array($4, ',')::bigint[], string_to_array($5, e'\\x1e')
        ) as frame_of(org_id, run_id, seq, fence, frame)),
    claim as materialized (
        select org_id, run_id, fence from run_queue
         where (org_id, run_id) in (select org_id, run_id from frame_of) order by org_id, run_id for share)
    insert into run_events (org_id, run_id, seq, fence, frame)
    select org_id, run_id, seq, fence, frame from frame_of join claim using (org_id, run_id, fence)
"""
_BETWEEN_FRAMES = "\x1e"
_STORED = """
    select org_id, run_id, fence
      from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) as last_of(org_id, run_id, seq, fence)
      join run_events using (org_id, run_id, seq, fence)
"""


class StoreUnavailable(Exception):
    """The database did not answer; whether the frames are stored is unknown."""


class FrameRefused(Exception):
    """The database will not take one of these frames, however often it is asked."""


@dataclass(frozen=True, slots=True, eq=False)
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

    async def insert(self, batches: Sequence[Batch]) -> Sequence[Batch]:
        """Store the batches of runs whose claim is still ours, and give those batches."""
        rows = [
            (batch.log.org_text, batch.log.run_text, str(seq), batch.log.fence_text, text)
            for batch in batches
            for seq, _, text in batch.frames
        ]
        orgs, runs, seqs, fences, texts = zip(*rows, strict=True)
        keys = (",".join(column) for column in (orgs, runs, seqs, fences))
        if await self._execute(*keys, _BETWEEN_FRAMES.join(texts)) == len(rows):
            return batches
        return await self.find_stored(batches)

    async def find_stored(self, batches: Sequence[Batch]) -> Sequence[Batch]:
        """Those that are stored."""
        keys = [batch.log.key for batch in batches]
        columns = (
            [key.run.org_id for key in keys],
            [key.run.run_id for key in keys],
            [batch.last_seq for batch in batches],
            [key.fence for key in keys],
        )
        async with self._mapped_errors():
            rows = await (await self._connected()).stored.fetch(*columns)
        stored = {(row[0], row[1], row[2]) for row in rows}
        return [batch for batch, key in zip(batches, keys, strict=True) if (*key.run, key.fence) in stored]

    async def _execute(self, *columns: str) -> int:
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
        except Exception as error:  # the driver's door: whatever it raises, the frames may be stored or not
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
