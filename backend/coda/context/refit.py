"""Keeps a prompt within the window while an answer grows: tool results may be longer than all that was there before."""

from collections.abc import Sequence
from dataclasses import replace

from coda.context.assemble import specs_tokens, tokens_of
from coda.context.budget import budget_of
from coda.llm.types import ChatMessage, ModelInfo, TextBlock, ToolSpec

_SHORTEST = 400
_NOTE = "\n[Shortened: {shown:,} of {whole:,} characters are shown.]"


def refit(
    messages: Sequence[ChatMessage], *, model: ModelInfo, tools: Sequence[ToolSpec], steers: int = 0
) -> list[ChatMessage]:
    """The prompt itself while it fits. Else the oldest exchanges go, then the longest tool results are shortened.

    The system prompt, the question and the calls of the answer always stay, and so do the last `steers` messages of
    the person, which were thrown into the answer.
    """
    room = budget_of(model).for_prompt - specs_tokens(tools)
    kept = list(messages)
    while tokens_of(kept) > room and (end := _end_of_oldest_exchange(kept, steers)):
        del kept[1:end]
    return _shortened(kept, room=room)


def _end_of_oldest_exchange(messages: Sequence[ChatMessage], steers: int) -> int | None:
    """Where the second question stands; None where only one is left."""
    questions = [place for place, message in enumerate(messages) if message.role == "user"]
    return questions[1] if len(questions) > 1 + steers else None


def _shortened(messages: list[ChatMessage], *, room: int) -> list[ChatMessage]:
    while (excess := tokens_of(messages) - room) > 0:
        results = [place for place, message in enumerate(messages) if message.role == "tool"]
        longest = max(results, key=lambda place: len(messages[place].text), default=None)
        if longest is None or len(messages[longest].text) <= _SHORTEST:
            return messages
        messages[longest] = _cut(messages[longest], excess_tokens=excess)
    return messages


def _cut(message: ChatMessage, *, excess_tokens: int) -> ChatMessage:
    """Takes off what is too much, at least a tenth; a result that was cut before keeps the length it had at first."""
    content, whole = message.text, len(message.text)
    head, _, note = content.rpartition("\n[Shortened: ")
    if head and note:
        content, whole = head, int(note.split(" of ")[1].split(" ")[0].replace(",", ""))
    per_token = len(content) / max(1, tokens_of([message]))
    shown = max(_SHORTEST // 2, min(len(content) - round(excess_tokens * per_token), len(content) * 9 // 10))
    shortened = content[:shown] + _NOTE.format(shown=shown, whole=whole)
    return replace(message, content=(TextBlock(shortened),))
