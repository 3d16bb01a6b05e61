"""Queries on the policies of tools."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.tools.models import StoredToolPolicy
from coda.tools.policies import Policies, PolicyLevels, ToolKey, levels_of, policies_of
from coda.tools.types import Level

_SUBJECT = ("org_id", "session_id", "user_id", "source", "name")
_COLUMNS = (
    StoredToolPolicy.level,
    StoredToolPolicy.source,
    StoredToolPolicy.name,
    StoredToolPolicy.enabled,
    StoredToolPolicy.approval,
)


class ToolPolicyRepository:
    """Policies of one organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def of_organization(self) -> Policies:
        """What the organization has decided for everybody."""
        return policies_of(await self._rows(StoredToolPolicy.level == Level.ORGANIZATION))

    async def of_person(self, user_id: UUID) -> Policies:
        """What a person has decided for all of their chats."""
        return policies_of(await self._rows(StoredToolPolicy.user_id == user_id))

    async def of_session(self, session_id: UUID) -> Policies:
        """What was decided for one chat."""
        return policies_of(await self._rows(StoredToolPolicy.session_id == session_id))

    async def levels(self, session_id: UUID | None) -> PolicyLevels:
        """What all levels say for the scope's person, in one chat or in none."""
        mine = [StoredToolPolicy.level == Level.ORGANIZATION]
        if self._scope.user_id is not None:
            mine.append(StoredToolPolicy.user_id == self._scope.user_id)
        if session_id is not None:
            mine.append(StoredToolPolicy.session_id == session_id)
        return levels_of(await self._rows(or_(*mine)))

    async def set(self, level: Level, key: ToolKey, words: Mapping[str, Any], *, session_id: UUID | None) -> None:
        """Let a level say this about a tool: `enabled`, `approval` or both. None takes its word back."""
        subject = {
            "org_id": self._scope.org_id,
            "user_id": self._scope.user_id if level is Level.PERSON else None,
            "session_id": session_id if level is Level.SESSION else None,
            "source": key[0],
            "name": key[1],
        }
        query = insert(StoredToolPolicy).values(id=new_id(), level=level, **subject, **words)
        changed = {word: query.excluded[word] for word in words} | {"updated_at": func.now()}
        await self._db.execute(query.on_conflict_do_update(index_elements=_SUBJECT, set_=changed))
        await self._db.execute(
            delete(StoredToolPolicy).where(
                *(getattr(StoredToolPolicy, column).is_not_distinct_from(value) for column, value in subject.items()),
                StoredToolPolicy.enabled.is_(None),
                StoredToolPolicy.approval.is_(None),
            )
        )

    async def _rows(self, which: ColumnElement[bool]) -> list[dict[str, Any]]:
        query = select(*_COLUMNS).where(StoredToolPolicy.org_id == self._scope.org_id, which)
        return [row._asdict() for row in await self._db.execute(query)]
