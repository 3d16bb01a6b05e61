"""The stream that is rebuilt from a stored answer reduces to that answer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given

from coda.conversations.models import Message
from coda.core.clock import now
from coda.core.ids import new_id
from coda.runs.models import Run
from coda.runs.stream.compact import compact_stream
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ag_ui, assert_nested
from tests.runs.execution.test_answer import ACTIONS, play

ERROR = {"code": "llm.unavailable", "message": "The provider does not answer.", "details": {"provider": "openai"}}
STATUS = {"finished": "complete", "cancelled": "stopped", "failed": "failed", "interrupted": "waiting"}


def stored(parts: list[dict[str, Any]], **of_run: Any) -> tuple[Run, Message]:  # noqa: ANN401 - columns of Run
    org_id, session_id, message_id, run_id = new_id(), new_id(), new_id(), new_id()
    run = Run(
        org_id=org_id,
        id=run_id,
        session_id=session_id,
        message_id=message_id,
        root_run_id=run_id,
        model="demo/coda",
        created_at=now(),
        started_at=now(),
        finished_at=now() + timedelta(seconds=1),
        **{"status": "finished", "last_seq": 500, **of_run},
    )
    message = Message(
        org_id=org_id,
        id=message_id,
        session_id=session_id,
        content=parts,
        created_at=now(),
        input_tokens=7,
        output_tokens=5,
        reasoning_tokens=0,
        cached_input_tokens=0,
        cost_usd=Decimal("0.0012300000"),
        usage_confidence="computed",
        ttft_ms=40,
        total_ms=900,
    )
    return run, message


def reduced(run: Run, message: Message, *, after: int = 0) -> MessageState:
    frames = compact_stream(run, message, after=after)
    events = [orjson.loads(frame.text) for frame in frames]
    opened: set[tuple[str, str]] = set()
    for event in events:
        assert_ag_ui(event)
        assert_nested(event, opened)
        assert event["metadata"]["coda"]["compact"]
    assert not opened
    return MessageState(run_id=str(run.id), last_seq=after).apply_all(events)


class TestCompactStream:
    @given(ACTIONS)
    def test_it_reduces_to_the_stored_parts(self, actions: list[tuple[str, str]]) -> None:
        answer, _ = play(actions)

        state = reduced(*stored(answer.parts))

        assert state.parts == answer.parts
        assert state.last_seq == 500
        assert state.usage is not None
        assert state.usage["cost_usd"] == "0.00123"
        assert state.timing == {"ttft_ms": 40, "total_ms": 900}

    @pytest.mark.parametrize("status", ["finished", "cancelled", "failed"])
    def test_it_ends_as_the_run_did(self, status: str) -> None:
        parts: list[dict[str, Any]] = [{"type": "text", "text": "said"}, {"type": "notice", **ERROR}]
        error = ERROR if status == "failed" else None

        state = reduced(*stored(parts, status=status, error=error))

        assert state.status == STATUS[status]
        assert state.parts == parts

    def test_a_failure_without_words_has_some(self) -> None:
        state = reduced(*stored([], status="failed", error=None))

        assert state.status == "failed"
        assert state.parts[0]["code"] == "runs.internal"

    def test_calls_that_wait_still_wait(self) -> None:
        call = {
            "type": "tool_call",
            "id": str(new_id()),
            "name": "create_ticket",
            "arguments": {"title": "x"},
            "status": "waiting",
            "result": None,
            "error": None,
            "duration_ms": None,
        }
        interrupts = [{"id": call["id"], "reason": "approval", "message": None, "tool_call_id": call["id"]}]

        state = reduced(*stored([call], status="interrupted", interrupts=interrupts))

        assert state.status == "waiting"
        assert state.parts == [call]

    def test_everything_else_that_a_part_can_be(self) -> None:
        evaluated = {
            "type": "tool_call",
            "id": str(new_id()),
            "name": "calculator",
            "arguments": {},
            "arguments_text": "{",
            "status": "failed",
            "result": None,
            "error": ERROR,
            "duration_ms": 3,
            "evaluation": {"verdict": "failed", "reason": "No.", "attempts": 1},
        }
        parts: list[dict[str, Any]] = [
            evaluated,
            {"type": "steer", "text": "Only 2026"},
            {"type": "steer", "text": "2027", "read": False},
            {"type": "notice", **ERROR},
        ]

        assert reduced(*stored(parts)).parts == parts

    def test_a_message_longer_than_its_run_is_told_whole(self) -> None:
        parts = [{"type": "notice", **ERROR} for _ in range(20)]

        state = reduced(*stored(parts, last_seq=4))

        assert state.parts == parts

    def test_where_no_numbers_are_left_only_the_end_counts(self) -> None:
        run, message = stored([{"type": "text", "text": "said"}], last_seq=10)

        state = reduced(run, message, after=9)

        assert state.parts == []
        assert state.status == "complete"
        assert state.last_seq == 10
