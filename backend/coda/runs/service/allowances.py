"""What a person allows for good along with a decision: the tool does not ask any more."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from coda.runs.models import Run
from coda.runs.repository import PromptRepository, ToolCallRepository
from coda.runs.service.continuation import Decisions
from coda.tools.policies import PolicyChange
from coda.tools.service import ToolPolicyService
from coda.tools.types import Approval, Level

_LEVELS: Final = {"session": Level.SESSION, "me": Level.PERSON}


@dataclass(frozen=True, slots=True)
class Allowances:
    """Of one caller, in the transaction of the decision."""

    policies: ToolPolicyService
    calls: ToolCallRepository
    prompts: PromptRepository

    async def keep(self, run: Run, decisions: Decisions) -> None:
        """Set the policies that the decisions ask to `remember`. Raises what `ToolPolicyService.change` does."""
        levels = {
            UUID(str(decision["tool_call_id"])): _LEVELS[decision["remember"]] for decision in remembered(decisions)
        }
        selection = await self.prompts.find_tools(run.root_run_id) if levels else None
        if selection is None:
            return
        for call in await self.calls.list_of(run.root_run_id):
            level, selected = levels.get(call.id), selection.find(call.name)
            if level is not None and selected is not None:
                change = PolicyChange(level, {"approval": Approval.NEVER}, run.session_id)
                await self.policies.change(selected.name, change, source=selected.source_id)


def remembered(decisions: Decisions) -> Decisions:
    """Those that are meant for later calls, too."""
    return [decision for decision in decisions if decision.get("remember")]
