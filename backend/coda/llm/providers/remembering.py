"""Stores what providers' models were found to refuse, and gives it back after a restart and to other processes."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database, is_database_outage
from coda.core.scope import Scope, System
from coda.core.tasks import BackgroundTasks, unbroken
from coda.llm.dialects.dialect import Dialect, Learnt
from coda.llm.dialects.learnt import as_stored, from_stored
from coda.llm.models import LearntDialect
from coda.llm.providers.provider import Provider
from coda.llm.repository import LearntDialectRepository

_log = structlog.get_logger("coda.llm")

Announce = Callable[[AsyncSession, UUID], Awaitable[None]]


class RefusalMemory:
    """Keeps what is learnt. `announce` has every process read an organization's providers again."""

    def __init__(self, database: Database, announce: Announce) -> None:
        self._database, self._announce = database, announce
        self._saving = BackgroundTasks()

    def watch(self, provider: Provider, org_id: UUID) -> None:
        """Store what this provider's models will be found to refuse."""
        provider.dialects.on_learnt = partial(self._begin_saving, provider, org_id)

    def recall(self, provider: Provider, rows: Iterable[LearntDialect]) -> None:
        """What is stored of this provider, as long as it is where it was."""
        base = provider.dialects.base
        for row in rows:
            if (row.provider, row.base_url) == (provider.id, provider.address.base_url):
                provider.dialects.recall(row.model, Learnt(from_stored(row.learnt, base), row.learnt_at))

    async def close(self) -> None:
        """Let what is being stored be stored, for a moment."""
        await self._saving.end(within=1)

    def _begin_saving(self, provider: Provider, org_id: UUID, model: str, dialect: Dialect) -> None:
        """Only of models that the provider lists: some servers answer to any name that somebody makes up."""
        if provider.find_model(model) is None:
            return
        self._saving.start(self._save(provider, org_id, model, dialect), name="store a refusal")

    async def _save(self, provider: Provider, org_id: UUID, model: str, dialect: Dialect) -> None:
        scope = Scope(org_id, System())
        with unbroken(_log, "llm.refusal_unsaved", is_expected=is_database_outage):
            async with self._database.transaction(scope) as db:
                await LearntDialectRepository(db, scope).put(
                    provider=provider.id,
                    model=model,
                    base_url=provider.address.base_url,
                    learnt=as_stored(dialect, provider.dialects.base),
                )
                await self._announce(db, org_id)
