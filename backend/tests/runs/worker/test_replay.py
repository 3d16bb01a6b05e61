"""What is read from the frames of lost attempts: above all, where the parts stand that no turn has made."""

from typing import Any

import orjson

from coda.runs.worker.replay import ReplayedStream

STEER = {"type": "steer", "text": "Mind this"}


def replayed_from(*events: dict[str, Any]) -> ReplayedStream:
    replayed = ReplayedStream()
    for seq, event in enumerate(events, start=1):
        replayed.read(orjson.dumps({**event, "metadata": {"coda": {"seq": seq}}}).decode())
    return replayed


def text(turn: int) -> tuple[dict[str, Any], ...]:
    """A text of a turn, from its start to its end."""
    kinds = ("TEXT_MESSAGE_START", "TEXT_MESSAGE_END")
    return tuple({"type": kind, "messageId": f"m.{turn}"} for kind in kinds)


def custom(name: str, **value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"type": "CUSTOM", "name": f"coda.{name}", "value": value}


class TestAsides:
    def test_one_behind_a_turn_stays_there(self) -> None:
        assert replayed_from(*text(1), custom("steer", text="Mind this"), *text(2)).interjections == [(1, STEER)]

    def test_one_behind_a_discarded_turn_stands_before_the_turn_that_is_made_again(self) -> None:
        replayed = replayed_from(
            *text(1), custom("discard", message_ids=["m.1"]), custom("steer", text="Mind this"), *text(1), *text(2)
        )

        assert replayed.interjections == [(0, STEER)]
        assert replayed.message_ids == ["m.1", "m.2"]

    def test_one_within_what_is_discarded_moves_up(self) -> None:
        replayed = replayed_from(
            *text(1), *text(2), custom("steer", text="Mind this"), custom("discard", message_ids=["m.2"]), *text(2)
        )

        assert replayed.interjections == [(1, STEER)]


class TestWritten:
    def test_each_model_call_has_what_it_wrote_itself(self) -> None:
        def visit(number: int) -> dict[str, Any]:
            return {"type": "STEP_STARTED", "stepName": f"reason#{number}"}

        def said(kind: str, delta: str) -> dict[str, Any]:
            return {"type": kind, "messageId": "m.1", "delta": delta}

        replayed = replayed_from(
            visit(1),
            said("TEXT_MESSAGE_CONTENT", "four"),
            custom("discard", message_ids=["m.1"]),
            visit(2),
            said("REASONING_MESSAGE_CONTENT", "é"),
            said("TEXT_MESSAGE_CONTENT", "five!"),
            {"type": "TOOL_CALL_ARGS", "toolCallId": "c", "delta": "{}"},
        )

        assert replayed.text_bytes == {"reason#1": 4, "reason#2": 7}
        assert replayed.reasoning_bytes == {"reason#2": 2}
