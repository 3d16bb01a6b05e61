"""What is known of a run before it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from coda.runs.execution.asked import AskedOf
from coda.tools.policies import PolicyLevels, levels_of


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run's row with what belongs to it of its session, its message and its person.

    `is_session_named`: by a person, or after an answer; until then a session is called by its question.
    `tool_policies`: what its person had decided about tools, for themself and for its chat, when it began.
    """

    run_id: UUID
    root_run_id: UUID
    parent_run_id: UUID | None
    session_id: UUID
    message_id: UUID
    question_id: UUID
    user_id: UUID
    api_key_id: UUID | None
    model_id: str
    params: Mapping[str, Any]
    is_session_named: bool
    time_zone: str
    has_steers: bool = False
    continues: bool = False
    tool_policies: PolicyLevels = field(default_factory=PolicyLevels)

    @property
    def asked(self) -> AskedOf:
        """What was asked of its model calls."""
        return AskedOf(self.params)

    @classmethod
    def of(cls, row: RowMapping) -> "RunFacts":
        """From the row that `RunRepository.begin` gives."""
        return cls(
            run_id=row["id"],
            root_run_id=row["root_run_id"],
            parent_run_id=row["parent_run_id"],
            session_id=row["session_id"],
            message_id=row["message_id"],
            question_id=row["question_id"],
            user_id=row["user_id"],
            api_key_id=row["api_key_id"],
            model_id=row["model"],
            params=row["params"],
            is_session_named=row["is_named"],
            time_zone=row["time_zone"],
            has_steers=row["has_steers"],
            continues=row["continues"],
            tool_policies=levels_of(row["tool_policies"] or ()),
        )
