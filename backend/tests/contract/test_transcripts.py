"""The recorded transcripts keep the protocol, and end in the state that they say."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.contract.reducer import MessageState
from tests.contract.rules import OPENERS, assert_ag_ui, assert_ordered, split_connections

API = Path(__file__).parents[3] / "docs" / "api"
NAMES = ["plain", "tool", "interrupt", "cut"]


def read_transcript(name: str) -> list[dict[str, Any]]:
    text = (API / "transcripts" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def read_expected(name: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((API / "transcripts" / f"{name}.expected.json").read_text(encoding="utf-8"))
    return expected


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((API / "contract.yaml").read_text(encoding="utf-8"))
    return document


def validator(contract: dict[str, Any], schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
    )


def test_every_transcript_is_listed_here() -> None:
    assert {path.stem for path in (API / "transcripts").glob("*.jsonl")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestTranscript:
    def test_every_line_is_an_ag_ui_event(self, name: str) -> None:
        for event in read_transcript(name):
            assert_ag_ui(event)

    def test_each_connection_keeps_the_order(self, name: str) -> None:
        connections = split_connections(read_transcript(name))
        after = 0
        for index, connection in enumerate(connections):
            assert_ordered(connection, after=after, ended=index == len(connections) - 1)
            after = connection[-1]["metadata"]["coda"]["seq"]
        assert after == read_expected(name)["last_seq"]

    def test_ids_are_not_used_twice(self, name: str) -> None:
        live = [event for event in read_transcript(name) if not event["metadata"]["coda"].get("replay")]
        for type_, (_, key) in OPENERS.items():
            ids = [event[key] for event in live if event["type"] == type_]
            assert len(ids) == len(set(ids))

    def test_message_ids_belong_to_the_message(self, name: str) -> None:
        lines = read_transcript(name)
        message_id = lines[0]["metadata"]["coda"]["message_id"]
        for event in lines:
            for key in ("messageId", "parentMessageId"):
                if event["type"] != "TOOL_CALL_RESULT" and key in event:
                    assert event[key].startswith(f"{message_id}.")

    def test_folding_ends_in_the_expected_state(self, name: str) -> None:
        state = MessageState().apply_all(read_transcript(name))

        assert state.visible() == read_expected(name)

    def test_seeing_it_again_changes_nothing(self, name: str) -> None:
        lines = read_transcript(name)
        state = MessageState().apply_all([event for event in lines for _ in range(2)])

        assert state.apply_all(lines).visible() == read_expected(name)

    def test_the_expected_state_is_in_the_contract(self, name: str, contract: dict[str, Any]) -> None:
        expected = read_expected(name)

        for part in expected["parts"]:
            validator(contract, "Part").validate(part)
        validator(contract, "Usage").validate(expected["usage"])
        validator(contract, "Timing").validate(expected["timing"])
        statuses = contract["components"]["schemas"]["Message"]["properties"]["status"]["enum"]
        assert expected["status"] in statuses

    def test_the_context_is_in_the_contract(self, name: str, contract: dict[str, Any]) -> None:
        values = [event["value"] for event in read_transcript(name) if event.get("name") == "coda.context"]

        assert values
        for value in values:
            validator(contract, "Context").validate(value)


class TestCut:
    def test_ends_like_the_run_that_was_not_cut(self) -> None:
        assert read_expected("cut") == read_expected("plain")

    def test_attaching_repeats_only_what_is_open(self) -> None:
        first, second = split_connections(read_transcript("cut"))
        replayed = [event for event in second if event["metadata"]["coda"].get("replay")]

        assert second[: len(replayed)] == replayed
        assert [event["type"] for event in replayed] == ["RUN_STARTED", "STEP_STARTED", "TEXT_MESSAGE_START"]
        assert first + second[len(replayed) :] == read_transcript("plain")

    @pytest.mark.parametrize("name", ["plain", "tool", "interrupt"])
    def test_a_cut_at_any_event_loses_nothing(self, name: str) -> None:
        lines = read_transcript(name)
        for cut in range(1, len(lines)):
            state = MessageState().apply_all(lines[:cut])

            assert state.apply_all(lines[cut - 1 :]).visible() == read_expected(name)


class TestReducer:
    """What no transcript shows: the rarer rows of the table in events.md."""

    def event(self, seq: int, type_: str, coda: dict[str, Any] | None = None, **fields: object) -> dict[str, Any]:
        about = {"seq": seq, "run_id": "r1", "session_id": "s1", **(coda or {})}
        return {"type": type_, **fields, "timestamp": 1000 + seq, "metadata": {"coda": about}}

    def test_a_failed_run_ends_in_a_notice(self) -> None:
        state = MessageState().apply_all(
            [
                self.event(1, "RUN_STARTED", threadId="s1", runId="r1"),
                self.event(
                    2, "RUN_ERROR", {"details": {"provider": "x"}}, code="llm.unavailable", message="No answer."
                ),
            ]
        )

        assert state.status == "failed"
        assert state.parts == [
            {"type": "notice", "code": "llm.unavailable", "message": "No answer.", "details": {"provider": "x"}}
        ]

    def test_arguments_that_are_no_object_are_kept_as_text(self) -> None:
        state = MessageState().apply_all(
            [
                self.event(1, "TOOL_CALL_START", toolCallId="c1", toolCallName="calculator"),
                self.event(2, "TOOL_CALL_ARGS", toolCallId="c1", delta='{"expression":'),
                self.event(3, "TOOL_CALL_END", toolCallId="c1"),
            ]
        )

        assert state.parts[0]["arguments"] == {}
        assert state.parts[0]["arguments_text"] == '{"expression":'

    def test_discard_removes_text_reasoning_and_calls_of_the_turn(self) -> None:
        state = MessageState().apply_all(
            [
                self.event(1, "TEXT_MESSAGE_CONTENT", messageId="m.1", delta="kept"),
                self.event(2, "REASONING_MESSAGE_START", messageId="m.2.r1", role="reasoning"),
                self.event(3, "TEXT_MESSAGE_CONTENT", messageId="m.2", delta="gone"),
                self.event(4, "TOOL_CALL_START", toolCallId="c1", toolCallName="x", parentMessageId="m.2"),
                self.event(5, "CUSTOM", name="coda.discard", value={"message_ids": ["m.2", "m.2.r1"]}),
            ]
        )

        assert state.parts == [{"type": "text", "text": "kept"}]

    def test_the_run_after_an_interrupt_goes_on_with_the_same_parts(self) -> None:
        state = MessageState().apply_all(read_transcript("interrupt"))
        call = next(part for part in state.parts if part["type"] == "tool_call")
        done = {"run_id": "r2", "status": "done", "error": None, "duration_ms": 8}
        state.apply(self.event(1, "RUN_STARTED", {"run_id": "r2"}, threadId="s1", runId="r2"))
        state.apply(self.event(2, "TOOL_CALL_RESULT", done, toolCallId=call["id"], messageId="x", content='{"id":7}'))

        assert state.status == "streaming"
        assert state.last_seq == 2
        assert (call["status"], call["result"], call["duration_ms"]) == ("done", {"id": 7}, 8)
