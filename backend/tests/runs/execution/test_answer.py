"""The parts that an answer builds are the parts that its events reduce to."""

from typing import Any
from uuid import UUID, uuid4

import orjson
from hypothesis import given
from hypothesis import strategies as st

from coda.core.ids import new_id
from coda.runs.execution.output.answer import Answer
from coda.runs.stream import events
from coda.runs.stream.frames import FrameRenderer, delta_head
from tests.contract.reducer import MessageState

TEXTS = st.text(min_size=1, max_size=8)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), TEXTS),
        st.tuples(st.just("reasoning"), TEXTS),
        st.tuples(st.just("call"), st.sampled_from(['{"a":1}', "{", "", "[1]"])),
        st.tuples(st.just("retract"), st.just("")),
        st.tuples(st.just("turn"), st.just("")),
    ),
    max_size=12,
)


class Tape:
    """Keeps what a run log would have stored."""

    def __init__(self, message_id: UUID) -> None:
        self.frames: list[dict[str, Any]] = []
        run_id, session_id = new_id(), new_id()
        self._render = FrameRenderer(run_id=run_id, session_id=session_id)
        coda = {"message_id": str(message_id), "root_run_id": str(run_id), "model": "demo/coda"}
        self.append(events.run_started(session_id=session_id, run_id=run_id, parent_run_id=None, coda=coda))

    def append(self, event: events.Event) -> None:
        self._keep(self._render.event(event, seq=len(self.frames) + 1))

    def append_delta(self, kind: str, part_id: str, delta: str) -> None:
        head = delta_head(kind, part_id)
        self._keep(self._render.delta(head, delta, at_ms=1, seq=len(self.frames) + 1))

    def _keep(self, frame: str) -> None:
        self.frames.append(orjson.loads(frame))


def play(actions: list[tuple[str, str]]) -> tuple[Answer, Tape]:
    message_id = uuid4()
    tape = Tape(message_id)
    answer = Answer(message_id, tape)
    turn = 1
    answer.begin_turn(turn)
    for index, (kind, value) in enumerate(actions):
        if kind == "text":
            answer.text(value)
        elif kind == "reasoning":
            answer.reasoning(value)
        elif kind == "retract":
            answer.retract_text()
        elif kind == "call":
            answer.tool_call(index, provider_id=f"call_{index}", name="calculator", arguments=value)
        else:
            for call in answer.close_turn():
                answer.tool_result(call.id, content='{"value":"1"}', error=None, duration_ms=3)
            turn += 1
            answer.begin_turn(turn)
    answer.abandon({"code": "runs.stopped", "message": "Stopped.", "details": {}})
    return answer, tape


class TestAnswer:
    @given(ACTIONS)
    def test_events_reduce_to_the_parts(self, actions: list[tuple[str, str]]) -> None:
        answer, tape = play(actions)

        state = MessageState()
        for frame in tape.frames:
            state.apply(frame)

        assert state.parts == answer.parts

    def test_what_cannot_be_stored_leaves_no_empty_part(self) -> None:
        answer, tape = play([("text", "\x00"), ("reasoning", "\x00"), ("call", "\x00")])

        assert [part["type"] for part in answer.parts] == ["tool_call"]
        assert not any(frame.get("delta") == "" for frame in tape.frames)

    def test_text_after_a_tool_call_of_the_same_turn_has_an_id_of_its_own(self) -> None:
        answer, tape = play([("text", "a"), ("call", "{}"), ("text", "b")])

        starts = [frame["messageId"] for frame in tape.frames if frame["type"] == "TEXT_MESSAGE_START"]
        assert starts == [f"{answer.message_id}.1", f"{answer.message_id}.1.2"]

    def test_text_that_was_a_thought_becomes_reasoning(self) -> None:
        answer, _ = play([("text", "Let me "), ("text", "see."), ("retract", ""), ("text", "Four.")])

        assert [(part["type"], part["text"]) for part in answer.parts] == [
            ("reasoning", "Let me see."),
            ("text", "Four."),
        ]

    def test_an_unanswered_call_fails_when_the_answer_is_abandoned(self) -> None:
        answer, _ = play([("call", '{"a":1}')])

        assert answer.parts[0]["status"] == "failed"
        assert answer.parts[0]["error"]["code"] == "runs.stopped"
