"""Turns stored messages back into what a model reads: text, tool calls and their results, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from coda.context.sight import BLIND, Sight
from coda.llm.types import ChatMessage, ContentBlock, ImageBlock, TextBlock, ToolCallRequest

Part = Mapping[str, Any]
_NOT_READ = "[Attached, and not read by you: {name} ({media_type}, {size:,} bytes)]"
_NO_RESULT = {"error": {"code": "tools.no_result", "message": "This call gave no result."}}


class Spoken(Protocol):
    """A stored message, or the parts of one."""

    @property
    def role(self) -> str:
        """`user` or `assistant`."""
        ...

    @property
    def content(self) -> Sequence[Part]:
        """Its parts, in order."""
        ...


@dataclass(slots=True)
class _ModelTurn:
    """One model call of an answer: what it said, and the tools that it called."""

    texts: list[str] = field(default_factory=list)
    calls: list[Part] = field(default_factory=list)

    def messages(self) -> list[ChatMessage]:
        text = "\n\n".join(self.texts)
        if not self.calls:
            return [ChatMessage.of("assistant", text)] if text else []
        requests = tuple(ToolCallRequest(call["id"], call["name"], _arguments(call)) for call in self.calls)
        results = [
            ChatMessage.of("tool", _result(call), tool_call_id=call["id"], name=call["name"]) for call in self.calls
        ]
        return [ChatMessage.of("assistant", text, tool_calls=requests), *results]


def prompt_messages(message: Spoken, *, with_tools: bool, sight: Sight = BLIND) -> list[ChatMessage]:
    """A stored message as prompt messages; none for an answer that says nothing.

    Without tools, calls become text: many models refuse tool calls in their history when they are given no tools.
    """
    if message.role == "user":
        return [ChatMessage("user", _question_blocks(message.content, sight))]
    return answer_messages(message.content, with_tools=with_tools)


def unseen(parts: Sequence[Part], messages: Sequence[ChatMessage]) -> int:
    """How many pictures of a message the model is not shown."""
    attached = len([part for part in parts if part.get("type") == "image"])
    return attached - sum(len(message.images) for message in messages)


def _question_blocks(parts: Sequence[Part], sight: Sight) -> tuple[ContentBlock, ...]:
    """What was asked, and what was shown with it; texts that follow each other are one."""
    texts: list[str] = []
    blocks: list[ContentBlock] = []
    for part in parts:
        kind = part.get("type")
        picture = sight.of(part) if kind == "image" else None
        if picture is not None:
            texts += [f"[Picture: {part['alt']}]"] if part.get("alt") else []
            blocks += [TextBlock("\n\n".join(texts))] if texts else []
            blocks, texts = [*blocks, ImageBlock("", stored=picture)], []
        elif kind == "image":
            texts.append(sight.missing(part))
        elif kind == "file":
            texts.append(_NOT_READ.format(**part))
        elif kind == "text" and part["text"]:
            texts.append(part["text"])
    text = TextBlock("\n\n".join(texts))
    return (*blocks, text) if texts or not blocks else tuple(blocks)


def answer_messages(parts: Sequence[Part], *, with_tools: bool) -> list[ChatMessage]:
    """The parts of an answer as the model calls that made them. Reasoning and notices are left out."""
    messages: list[ChatMessage] = []
    turn = _ModelTurn()
    for part in parts:
        kind = part.get("type")
        if kind == "steer" or (turn.calls and kind in {"text", "reasoning"}):
            messages.extend(turn.messages())
            turn = _ModelTurn()
        if kind == "text" and part["text"]:
            turn.texts.append(part["text"])
        elif kind == "tool_call" and with_tools:
            turn.calls.append(part)
        elif kind == "tool_call":
            turn.texts.append(f"[Called {part['name']} with {_arguments(part)}; it gave {_result(part)}]")
        elif kind == "steer":
            messages.append(ChatMessage.of("user", part["text"]))
    return [*messages, *turn.messages()]


def _arguments(call: Part) -> str:
    return str(call.get("arguments_text") or orjson.dumps(call["arguments"]).decode())


def result_text(result: Any) -> str:  # noqa: ANN401 - any JSON value
    """What a model reads of a result: text as it is, anything else as JSON."""
    return result if isinstance(result, str) else orjson.dumps(result).decode()


def _result(call: Part) -> str:
    if call["status"] == "done":
        return result_text(call["result"])
    outcome = {"error": call["error"]} if call.get("error") else _NO_RESULT
    return orjson.dumps(outcome).decode()
