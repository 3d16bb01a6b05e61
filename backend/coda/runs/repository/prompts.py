"""What answers are begun with, prompt and tools: read where a run is recovered, written with the steps of `prepare`."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.runs.models import RunPrompt
from coda.tools.models import StoredToolSpec
from coda.tools.selection import ToolSelection

# The tools of an answer are frozen: those that were stored first stay.
_PLANNED = """
    planned as (
        insert into run_prompts (org_id, root_run_id, plan, tools)
        values (:org_id, :root_run_id, cast(:plan as jsonb), cast(:tools as jsonb))
            on conflict (org_id, root_run_id) do update
           set plan = excluded.plan, tools = coalesce(run_prompts.tools, excluded.tools)
    )
"""
STORE_PLAN = f"with {_PLANNED}"
"""The beginning of a statement that also writes something else; all that the plan refers to is stored already."""

# The clean-up looks at what is a day old: what is younger is safe until the plan is stored, and needs no lock. A text
# that is older counts as new again from now on; where the clean-up is just removing it, this waits and stores it anew.
STORE_BEGINNING = f"""
    with given as materialized (
        select decode(sha256, 'hex') as sha256, content
          from unnest(cast(:text_hashes as text[]), cast(:texts as text[])) as texts(sha256, content)
    ), renewed as (
        update prompt_texts t set created_at = now() from given
         where t.org_id = :org_id and t.sha256 = given.sha256 and t.created_at < now() - interval '6 hours'
     returning t.sha256
    ), kept as (
        insert into prompt_texts (org_id, sha256, content)
        select :org_id, sha256, content from given where sha256 not in (select sha256 from renewed)
         order by sha256
            on conflict do nothing
    ), selected as materialized (
        select decode(sha256, 'hex') as sha256, spec
          from unnest(cast(:spec_hashes as text[]), cast(:specs as text[])) as specs(sha256, spec)
    ), told_again as (
        update tool_specs t set created_at = now() from selected
         where t.org_id = :org_id and t.sha256 = selected.sha256 and t.created_at < now() - interval '6 hours'
     returning t.sha256
    ), told as (
        insert into tool_specs (org_id, sha256, spec)
        select :org_id, sha256, spec from selected where sha256 not in (select sha256 from told_again)
         order by sha256
            on conflict do nothing
    ), {_PLANNED}
"""  # noqa: S608 - our own words
"""The same, with texts and specs that may have to be stored."""


class PromptRepository:
    """Plans and tools of one organization's answers."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find_plan(self, root_run_id: UUID) -> dict[str, Any] | None:
        """The plan of an answer's prompt."""
        query = select(RunPrompt.plan).where(
            RunPrompt.org_id == self._scope.org_id, RunPrompt.root_run_id == root_run_id
        )
        plan: dict[str, Any] | None = await self._db.scalar(query)
        return plan

    async def find_tools(self, root_run_id: UUID) -> ToolSelection | None:
        """The tools that an answer was begun with; None where none were ever stored."""
        query = select(RunPrompt.tools).where(
            RunPrompt.org_id == self._scope.org_id, RunPrompt.root_run_id == root_run_id
        )
        stored: list[dict[str, Any]] | None = await self._db.scalar(query)
        if stored is None:
            return None
        hashes = [bytes.fromhex(item["spec"]) for item in stored]
        rows = await self._db.execute(
            select(func.encode(StoredToolSpec.sha256, "hex").label("sha256"), StoredToolSpec.spec).where(
                StoredToolSpec.org_id == self._scope.org_id, StoredToolSpec.sha256.in_(hashes)
            )
        )
        return ToolSelection.of_stored(stored, {row.sha256: row.spec for row in rows})
