"""The one prompt builder: system prompt, the newest exchanges that fit the window, the question; and a record of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.budget import MESSAGE_OVERHEAD, MOST_CHARS_PER_TOKEN, Budget, budget_of, estimate_tokens
from coda.context.history import prompt_messages
from coda.context.system_prompt import system_prompt
from coda.conversations import wiring as conversations
from coda.conversations.errors import MessageNotFound
from coda.conversations.models import Message
from coda.conversations.parts import size_of, text_of
from coda.core.clock import now
from coda.core.scope import Scope
from coda.llm.types import ChatMessage, ModelInfo, ToolSpec

_USUAL_TOKENS_PER_CHAR = 0.25
_SMALLEST_MESSAGE = 2 * MESSAGE_OVERHEAD
_BYTES_PER_OPAQUE_TOKEN = 4


@dataclass(frozen=True, slots=True)
class AssembledContext:
    """A prompt, and what is in it: `record` = `{window, reserved_output, parts: [{kind, tokens, items}], left_out}`."""

    messages: tuple[ChatMessage, ...]
    record: dict[str, Any]
    question_text: str

    @property
    def left_out_sentence(self) -> str | None:
        """What had to stay out, in words; None where everything went in."""
        count = self.record["left_out"]["messages"]
        return f"{count:,} earlier message{'s' if count > 1 else ''} left out" if count else None


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A question with its answer: what goes in together or not at all."""

    rows: tuple[Message, ...]
    messages: tuple[ChatMessage, ...]
    tokens: int


async def assemble(
    db: AsyncSession,
    scope: Scope,
    *,
    question_id: UUID,
    model: ModelInfo,
    tools: Sequence[ToolSpec],
    time_zone: str = "UTC",
) -> AssembledContext:
    """Build the prompt for an answer to a question. One query, which fetches no more than the window can hold."""
    budget = budget_of(model)
    path = await conversations.messages(db, scope).path_to(
        question_id,
        max_chars=budget.for_prompt * MOST_CHARS_PER_TOKEN,
        limit=budget.for_prompt // _SMALLEST_MESSAGE + 2,
    )
    if not path:
        raise MessageNotFound(question_id)
    system = system_prompt(at=now(), time_zone=time_zone, tools=tools)
    return fit(path, system=system, tools=tools, budget=budget)


def fit(path: Sequence[Message], *, system: str, tools: Sequence[ToolSpec], budget: Budget) -> AssembledContext:
    """Choose from a path, newest first: the question always, then whole exchanges while they fit."""
    question, *above = path
    asked = prompt_messages(question, with_tools=bool(tools))
    fixed = {
        "system": (estimate_tokens(system) + MESSAGE_OVERHEAD, 1),
        "tools": (specs_tokens(tools), len(tools)),
        "question": (tokens_of(asked), 1),
    }
    room = budget.for_prompt - sum(tokens for tokens, _ in fixed.values())
    exchanges = list(_exchanges(above, with_tools=bool(tools)))
    taken = _taken(exchanges, room=room)
    oldest = taken[-1].rows[-1] if taken else question
    history = [message for exchange in reversed(taken) for message in exchange.messages]
    shares = {
        "system": fixed["system"],
        "history": (sum(exchange.tokens for exchange in taken), sum(len(exchange.rows) for exchange in taken)),
        "tools": fixed["tools"],
        "question": fixed["question"],
    }
    record = {
        "window": budget.window,
        "reserved_output": budget.reserved_output,
        "parts": [
            {"kind": kind, "tokens": tokens, "items": items} for kind, (tokens, items) in shares.items() if items
        ],
        "left_out": {"messages": oldest.depth, "tokens": round(oldest.chars_above * _tokens_per_char(exchanges))},
    }
    prompt = (ChatMessage.of("system", system), *history, *asked)
    return AssembledContext(prompt, record, text_of(question.content))


def tokens_of(messages: Iterable[ChatMessage]) -> int:
    """Tokens of prompt messages, estimated, with what wraps each of them."""
    return sum(_message_tokens(message) for message in messages)


def specs_tokens(tools: Iterable[ToolSpec]) -> int:
    """Tokens of what a model is told of tools, estimated."""
    return sum(_spec_tokens(tool) for tool in tools)


def _message_tokens(message: ChatMessage) -> int:
    calls = sum(estimate_tokens(call.name + call.arguments) + MESSAGE_OVERHEAD for call in message.tool_calls)
    returned = sum(len(orjson.dumps(opaque.payload)) for opaque in message.opaques) // _BYTES_PER_OPAQUE_TOKEN
    return estimate_tokens(message.text) + calls + returned + MESSAGE_OVERHEAD


def _spec_tokens(tool: ToolSpec) -> int:
    schema = orjson.dumps(tool.parameters).decode()
    return estimate_tokens(tool.name + tool.description + schema) + MESSAGE_OVERHEAD


def _exchanges(above: Sequence[Message], *, with_tools: bool) -> Iterable[_Exchange]:
    """The path above the question as exchanges, newest first; an exchange ends with the question that began it."""
    rows: list[Message] = []
    for row in above:
        rows.append(row)
        if row.role == "user" or row.parent_id is None:
            messages = [message for each in reversed(rows) for message in prompt_messages(each, with_tools=with_tools)]
            yield _Exchange(tuple(rows), tuple(messages), tokens_of(messages))
            rows = []


def _taken(exchanges: Sequence[_Exchange], *, room: int) -> list[_Exchange]:
    taken: list[_Exchange] = []
    for exchange in exchanges:
        if exchange.tokens > room:
            break
        room -= exchange.tokens
        taken.append(exchange)
    return taken


def _tokens_per_char(exchanges: Sequence[_Exchange]) -> float:
    """How many tokens a character of this chat makes, from the part that was fetched."""
    chars = sum(size_of(row.content) for exchange in exchanges for row in exchange.rows)
    return sum(exchange.tokens for exchange in exchanges) / chars if chars else _USUAL_TOKENS_PER_CHAR
