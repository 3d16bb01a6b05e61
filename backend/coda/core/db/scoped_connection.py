"""A driver's connection that opens a transaction and sets its scope in one round trip."""

from typing import Any
from uuid import UUID

import asyncpg

from coda.core.db.errors import ConditionFailed


class ScopedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Sends what is in `opening` along with the next BEGIN; with `is_conditional`, its last query must find a row."""

    __slots__ = ("is_conditional", "opening")

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - asyncpg's own
        super().__init__(*args, **options)
        self.opening = ""
        self.is_conditional = False

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ANN401, ASYNC109 - asyncpg's own
        """Run a statement; asyncpg's transactions begin here. Raises ConditionFailed, with no transaction begun."""
        is_conditional = False
        if self.opening and query.startswith("BEGIN"):
            query, self.opening = query + self.opening, ""
            is_conditional, self.is_conditional = self.is_conditional, False
        status: str = await super().execute(query, *args, timeout=timeout)
        if is_conditional and status == "SELECT 0":
            self._top_xact = None  # type: ignore[misc]  # asyncpg's note of what it takes for begun; a slot of its own
            await super().execute("ROLLBACK")
            raise ConditionFailed
        return status


def opening_for(org_id: UUID, user_id: UUID | None) -> str:
    """What makes a new transaction see the rows of an organization, until its end."""
    user = "" if user_id is None else user_id
    return f"select set_config('app.org', '{org_id}', true), set_config('app.user', '{user}', true);"


def opening_for_user(user_id: UUID) -> str:
    """What makes a new transaction see what belongs to a person, until its end."""
    return f"select set_config('app.user', '{user_id}', true);"
