"""Queries on what models were found to refuse."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.llm.dialects.dialect import KEPT_FOR
from coda.llm.models import LearntDialect


class LearntDialectRepository:
    """What was learnt of the models of one organization's providers, or of the instance's."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read_all(self) -> Sequence[LearntDialect]:
        """All that is not too old."""
        query = select(LearntDialect).where(LearntDialect.org_id == self._scope.org_id)
        return (await self._db.scalars(query.where(LearntDialect.learnt_at > func.now() - KEPT_FOR))).all()

    async def put(self, *, provider: str, model: str, base_url: str, learnt: Mapping[str, Any]) -> None:
        """Store it in the place of what was known before; what has become too old goes."""
        values = {"base_url": base_url, "learnt": dict(learnt), "learnt_at": func.now()}
        query = insert(LearntDialect).values(org_id=self._scope.org_id, provider=provider, model=model, **values)
        await self._db.execute(query.on_conflict_do_update(index_elements=["org_id", "provider", "model"], set_=values))
        is_old = LearntDialect.learnt_at <= func.now() - KEPT_FOR
        await self._db.execute(delete(LearntDialect).where(LearntDialect.org_id == self._scope.org_id, is_old))

    async def forget(self, provider: str) -> None:
        """Forget all of a provider."""
        await self._db.execute(
            delete(LearntDialect).where(LearntDialect.org_id == self._scope.org_id, LearntDialect.provider == provider)
        )
