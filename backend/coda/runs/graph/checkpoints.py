"""Our checkpoint saver: one row per root run, under row-level security, on the pool that everything uses.

What comes before the first model call is not saved: the run's own row is that checkpoint. Nor is what comes after the
last one: its turn is stored, and is not asked for again. Plain task writes are not saved either, because every node
may be repeated: tool results are stored under a key and reused.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    PendingWrite,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import text

from coda.core.db import Database
from coda.core.scope import Scope, System

_FIRST_SAVED_STEP = 2  # 0 is the input, 1 is `prepare`
_NEXT = "branch:to:"  # langgraph's channels that name the next nodes
_LAST_NODE = "synthesize"

_LOAD = text("select checkpoint_id, kind, data, meta, writes from run_checkpoints where org_id = :org and id = :root")
_SAVE = text("""
    insert into run_checkpoints (org_id, id, checkpoint_id, kind, data, meta)
    select :org, :root, :checkpoint_id, :kind, :data, cast(:meta as jsonb)
     where exists (select 1 from run_queue where org_id = :org and run_id = :run and fence = :fence)
    on conflict (org_id, id) do update
       set checkpoint_id = excluded.checkpoint_id, kind = excluded.kind, data = excluded.data,
           meta = excluded.meta, writes = null, updated_at = now()
""")
_SAVE_WRITES = text("""
    update run_checkpoints set writes = :writes
     where org_id = :org and id = :root
       and exists (select 1 from run_queue where org_id = :org and run_id = :run and fence = :fence)
""")


class RunCheckpointSaver(BaseCheckpointSaver[int]):
    """Keeps the latest checkpoint of each root run. `configurable` carries org_id, run_id, fence and fresh."""

    def __init__(self, database: Database) -> None:
        super().__init__(serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        self._database = database

    def get_next_version(self, current: int | None, channel: None) -> int:  # noqa: ARG002 - the base's signature
        """Channel versions count from 1."""
        return (current or 0) + 1

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The latest checkpoint; none for a run that has just begun, without asking the database."""
        where = config["configurable"]
        if where.get("fresh"):
            return None
        async with self._database.transaction(_scope(where)) as db:
            row = (await db.execute(_LOAD, _keys(where))).mappings().first()
        if row is None:
            return None
        checkpoint: Checkpoint = self.serde.loads_typed((row["kind"], row["data"]))
        writes: list[PendingWrite] = self.serde.loads_typed(("msgpack", row["writes"])) if row["writes"] else []
        return CheckpointTuple(
            config={"configurable": {**where, "checkpoint_id": row["checkpoint_id"]}},
            checkpoint=checkpoint,
            metadata=row["meta"],
            pending_writes=[(task, channel, value) for task, channel, value in writes],
        )

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002 - the base's signature
    ) -> RunnableConfig:
        """Replace the root run's checkpoint, unless this worker was fenced out."""
        where = config["configurable"]
        if _is_needed(checkpoint, metadata):
            kind, data = self.serde.dumps_typed(checkpoint)
            meta = {"step": metadata.get("step"), "source": metadata.get("source")}
            async with self._database.transaction(_scope(where)) as db:
                await db.execute(
                    _SAVE,
                    {
                        **_keys(where),
                        "checkpoint_id": checkpoint["id"],
                        "kind": kind,
                        "data": data,
                        "meta": _json(meta),
                        "run": UUID(where["run_id"]),
                        "fence": where["fence"],
                    },
                )
        return {"configurable": {**where, "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",  # noqa: ARG002 - the base's signature
    ) -> None:
        """Keep an interrupt or its answer; plain writes are made again by the repeated node."""
        kept = [(task_id, channel, value) for channel, value in writes if channel in WRITES_IDX_MAP]
        if not kept:
            return
        where = config["configurable"]
        _, data = self.serde.dumps_typed(kept)
        async with self._database.transaction(_scope(where)) as db:
            await db.execute(
                _SAVE_WRITES,
                {**_keys(where), "writes": data, "run": UUID(where["run_id"]), "fence": where["fence"]},
            )

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: ARG002 - the base's signature
        before: RunnableConfig | None = None,  # noqa: ARG002 - the base's signature
        limit: int | None = None,  # noqa: ARG002 - the base's signature
    ) -> AsyncIterator[CheckpointTuple]:
        """The one checkpoint that is kept."""
        found = await self.aget_tuple(config) if config else None
        if found:
            yield found


def _is_needed(checkpoint: Checkpoint, metadata: CheckpointMetadata) -> bool:
    """Whether recovery needs this checkpoint to continue where the graph was."""
    ahead = {name.removeprefix(_NEXT) for name in checkpoint["channel_values"] if name.startswith(_NEXT)}
    return metadata.get("step", 0) >= _FIRST_SAVED_STEP and bool(ahead - {_LAST_NODE})


def _scope(where: dict[str, Any]) -> Scope:
    return Scope(UUID(where["org_id"]), System())


def _keys(where: dict[str, Any]) -> dict[str, UUID]:
    return {"org": UUID(where["org_id"]), "root": UUID(where["thread_id"])}


def _json(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()
