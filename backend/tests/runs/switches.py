"""Switches tools as the API does, in whichever process."""

from typing import Any
from uuid import UUID

from coda.assembly import Process
from coda.tools.policies import PolicyChange
from coda.tools.types import Level
from coda.tools.wiring import build_policies
from tests.runs.conftest import Person


async def switch(
    process: Process,
    person: Person,
    name: str,
    *,
    level: Level = Level.PERSON,
    session_id: UUID | None = None,
    source: str | None = None,
    **words: Any,  # noqa: ANN401 - `enabled`, `approval`
) -> None:
    """Let a level say this about a tool."""
    principal = person.principal
    tools = await (await process.tools.sources.of(principal.scope)).list(principal.scope)
    async with process.database.transaction(principal.scope) as db:
        policies = build_policies(db, principal, tools, process.tools)
        await policies.change(name, PolicyChange(level, words, session_id), source=source)
