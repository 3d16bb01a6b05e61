"""Stored answers as the model calls that made them."""

from typing import Any

from coda.context.history import answer_messages, prompt_messages
from coda.conversations.models import Message
from coda.llm.types import ChatMessage, ToolCallRequest


def call(name: str, status: str = "done", **more: object) -> dict[str, Any]:
    part = {"type": "tool_call", "id": f"id-{name}", "name": name, "arguments": {"n": 1}, "status": status}
    return {**part, "result": {"ok": True}, "error": None, **more}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


REASONING = {"type": "reasoning", "text": "hidden", "started_at": "", "duration_ms": 1}


class TestAnswer:
    def test_text_calls_results_and_text_again(self) -> None:
        parts = [REASONING, text("Let me see."), call("one"), call("two"), REASONING, text("Done."), text("Bye.")]

        assert answer_messages(parts, with_tools=True) == [
            ChatMessage.of(
                "assistant",
                "Let me see.",
                tool_calls=(ToolCallRequest("id-one", "one", '{"n":1}'), ToolCallRequest("id-two", "two", '{"n":1}')),
            ),
            ChatMessage.of("tool", '{"ok":true}', tool_call_id="id-one", name="one"),
            ChatMessage.of("tool", '{"ok":true}', tool_call_id="id-two", name="two"),
            ChatMessage.of("assistant", "Done.\n\nBye."),
        ]

    def test_every_call_has_a_result_whatever_became_of_it(self) -> None:
        failed = call("bad", "failed", result=None, error={"code": "tools.failed", "message": "No."})
        waiting = call("later", "waiting", result=None)

        results = [each for each in answer_messages([failed, waiting], with_tools=True) if each.role == "tool"]

        assert results[0].text == '{"error":{"code":"tools.failed","message":"No."}}'
        assert "gave no result" in results[1].text

    def test_arguments_that_were_no_json_go_back_as_written(self) -> None:
        messages = answer_messages([call("one", arguments={}, arguments_text="{oops")], with_tools=True)

        assert messages[0].tool_calls[0].arguments == "{oops"

    def test_without_tools_calls_become_text(self) -> None:
        messages = answer_messages([text("So."), call("one"), text("Done.")], with_tools=False)

        assert messages == [
            ChatMessage.of("assistant", 'So.\n\n[Called one with {"n":1}; it gave {"ok":true}]\n\nDone.')
        ]

    def test_what_a_person_threw_in_stands_where_it_was(self) -> None:
        parts = [text("First."), {"type": "steer", "text": "Shorter!"}, text("Second.")]

        assert [(each.role, each.text) for each in answer_messages(parts, with_tools=True)] == [
            ("assistant", "First."),
            ("user", "Shorter!"),
            ("assistant", "Second."),
        ]

    def test_an_answer_that_says_nothing_gives_nothing(self) -> None:
        notice = {"type": "notice", "code": "x", "message": "failed", "details": {}}

        assert answer_messages([REASONING, notice, text("")], with_tools=True) == []


def test_a_question_is_its_text() -> None:
    question = Message(role="user", content=[text("a"), text("b")])

    assert prompt_messages(question, with_tools=True) == [ChatMessage.of("user", "a\n\nb")]
