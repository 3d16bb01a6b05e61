"""Chats as they are stored, and sources that read them without a database."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.assemble import AssembledContext, assemble, rebuild
from coda.context.budget import Budget
from coda.context.plan import PromptPlan
from coda.context.segments import Item, Segment, Shrink
from coda.context.sources import ContextRequest
from coda.conversations.models import Message
from coda.conversations.parts import size_of, text_part
from coda.core.scope import Person, Scope
from coda.llm.estimate import tokens_of
from coda.llm.types import ChatMessage, ToolSpec

TOOL = ToolSpec("calculator", "Calculates.", {"type": "object", "properties": {"expression": {"type": "string"}}})


def chat_of(texts: Sequence[str]) -> list[Message]:
    """A path, newest first, as it is stored: question, answer, question ..., ending with the question."""
    path: list[Message] = []
    for number, text in enumerate(texts):
        parent = path[-1] if path else None
        path.append(
            Message(
                id=UUID(int=number),
                parent_id=parent.id if parent else None,
                role="assistant" if number % 2 else "user",
                content=[text_part(text)],
                depth=number,
                chars_above=parent.chars_above + size_of(parent.content) if parent else 0,
            )
        )
    return path[::-1]


class ReadPath(ContextRequest):
    """A request whose rows are there already."""

    def __init__(
        self, rows: Sequence[Message], budget: Budget, *, tools: Sequence[ToolSpec], texts: Mapping[str, str]
    ) -> None:
        scope = Scope(UUID(int=1), Person(UUID(int=1)))
        super().__init__(cast("AsyncSession", None), scope, UUID(int=0), budget, tools)
        self._rows, self._texts = rows, texts

    async def _fetch(self, above: int | None) -> Sequence[Message]:
        return self._rows if above is None else self._rows[: above + 1]

    async def text(self, sha256: str) -> str | None:
        return self._texts.get(sha256)


async def assembled(rows: Sequence[Message], budget: Budget, *, tools: Sequence[ToolSpec] = ()) -> AssembledContext:
    """The prompt for the first of the rows."""
    return await assemble(ReadPath(rows, budget, tools=tools, texts={}))


async def rebuilt(
    plan: PromptPlan,
    rows: Sequence[Message],
    *,
    tools: Sequence[ToolSpec] = (),
    texts: Mapping[str, str] | None = None,
    window: int = 50,
) -> AssembledContext:
    """The prompt of a plan that was stored meanwhile; the model's window may have become another one."""
    stored: dict[str, Any] = plan.as_dict()
    kept = plan.texts if texts is None else texts
    return await rebuild(PromptPlan.of(stored), ReadPath(rows, Budget(window, 10), tools=tools, texts=kept))


def segment(kind: str, *messages: ChatMessage, priority: int = 100, shrink: Shrink | None = None) -> Segment:
    """A segment of one item per message."""
    return Segment(kind, priority, tuple(Item((message,), tokens_of([message])) for message in messages), shrink)


def part(context: AssembledContext, kind: str) -> dict[str, int]:
    """What the record says of a kind."""
    return next((each for each in context.record["parts"] if each["kind"] == kind), {"tokens": 0, "items": 0})
