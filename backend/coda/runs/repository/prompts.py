"""The plans of prompts: read where a run is recovered. They are written with the steps of `prepare`."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.runs.models import RunPrompt

# A text that is there already is locked until the plan is stored: the clean-up would not yet see that it is needed.
STORE_PLAN = """
    with given as (
        select decode(sha256, 'hex') as sha256, content
          from unnest(cast(:text_hashes as text[]), cast(:texts as text[])) as texts(sha256, content)
    ), locked as (
        select t.sha256 from prompt_texts t join given using (sha256) where t.org_id = :org_id for key share of t
    ), kept as (
        insert into prompt_texts (org_id, sha256, content)
        select :org_id, sha256, content from given where sha256 not in (select sha256 from locked)
         order by sha256
            on conflict do nothing
    ), planned as (
        insert into run_prompts (org_id, root_run_id, plan) values (:org_id, :root_run_id, cast(:plan as jsonb))
            on conflict (org_id, root_run_id) do update set plan = excluded.plan
    )
"""
"""The beginning of a statement that also writes something else."""


class PromptRepository:
    """Plans of one organization's answers."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find_plan(self, root_run_id: UUID) -> dict[str, Any] | None:
        """The plan of an answer's prompt."""
        query = select(RunPrompt.plan).where(
            RunPrompt.org_id == self._scope.org_id, RunPrompt.root_run_id == root_run_id
        )
        plan: dict[str, Any] | None = await self._db.scalar(query)
        return plan
