"""What goes back to a provider, and that it goes to no other."""

import pytest

from coda.llm.adapters.returning import PayloadCollector
from coda.llm.gateway import without_others
from coda.llm.types import (
    Capabilities,
    ChatMessage,
    Health,
    ModelInfo,
    Opaque,
    ReasoningBlock,
    TextBlock,
    ToolCallRequest,
    TurnPayload,
)

MODEL = ModelInfo("a/m", "m", "a", 8_000, None, Capabilities(), None, Health("unknown"))


def thought(provider: str, model: str) -> ChatMessage:
    opaque = Opaque(provider, model, {"reasoning_content": "hm"})
    call = ToolCallRequest("1", "f", "{}", Opaque(provider, model, {"extra_content": {"x": 1}}))
    return ChatMessage("assistant", (ReasoningBlock("hm", opaque), TextBlock("So")), (call,))


class TestCollecting:
    def test_nothing_is_wanted_back_where_no_tool_was_called(self) -> None:
        collector = PayloadCollector()
        collector.add_text("reasoning_content", "hm")

        assert collector.payload() is None

    def test_pieces_of_a_block_are_joined_until_it_is_signed(self) -> None:
        collector = PayloadCollector()
        for piece in (
            {"type": "thinking", "thinking": "Let me ", "signature": ""},
            {"type": "thinking", "thinking": "see.", "signature": ""},
            {"type": "thinking", "thinking": "", "signature": "sig1"},
            {"type": "redacted_thinking", "data": "xyz"},
            {"type": "redacted_thinking", "data": "abc"},
            {"type": "thinking", "thinking": "And.", "signature": "sig2"},
        ):
            collector.add_blocks("thinking_blocks", [piece])
        collector.add_call(0, {"id": "1"})

        assert collector.payload() == TurnPayload(
            {
                "thinking_blocks": [
                    {"type": "thinking", "thinking": "Let me see.", "signature": "sig1"},
                    {"type": "redacted_thinking", "data": "xyz"},
                    {"type": "redacted_thinking", "data": "abc"},
                    {"type": "thinking", "thinking": "And.", "signature": "sig2"},
                ]
            }
        )

    @pytest.mark.parametrize("blocks", [None, "text", [None], ["text"], {"type": "thinking"}])
    def test_other_shapes_are_passed_over(self, blocks: object) -> None:
        collector = PayloadCollector()
        collector.add_blocks("reasoning_details", blocks)
        collector.add_call(0, {"extra_content": "text", "provider_specific_fields": None})

        assert collector.payload() is None

    def test_what_has_no_end_does_not_go_back(self) -> None:
        collector = PayloadCollector()
        collector.add_call(0, {})
        for _ in range(11):
            collector.add_text("reasoning_content", "x" * 100_000)

        assert collector.payload() is None


class TestOnlyItsOwn:
    def test_the_same_provider_and_model_get_it(self) -> None:
        message = thought("a", "m")

        assert without_others(message, MODEL) is message

    @pytest.mark.parametrize(("provider", "model"), [("b", "m"), ("a", "n")])
    def test_nobody_else_does(self, provider: str, model: str) -> None:
        message = without_others(thought(provider, model), MODEL)

        assert message.content == (TextBlock("So"),)
        assert message.tool_calls == (ToolCallRequest("1", "f", "{}"),)
