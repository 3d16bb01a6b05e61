"""A driver's connection that opens a transaction and sets its scope in one round trip."""

from typing import Any

import asyncpg

from coda.core.scope import Scope


class ScopedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """Sends what is in `opening` along with the next BEGIN."""

    __slots__ = ("opening",)

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - asyncpg's own
        super().__init__(*args, **options)
        self.opening = ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ANN401, ASYNC109 - asyncpg's own
        """Run a statement; asyncpg's transactions begin here."""
        if self.opening and query.startswith("BEGIN"):
            query, self.opening = query + self.opening, ""
        status: str = await super().execute(query, *args, timeout=timeout)
        return status


def opening_for(scope: Scope | None) -> str:
    """What makes a new transaction see the scope's rows, until its end."""
    if scope is None:
        return ""
    user = "" if scope.user_id is None else scope.user_id
    return f"select set_config('app.org', '{scope.org_id}', true), set_config('app.user', '{user}', true);"
