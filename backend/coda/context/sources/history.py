"""The exchanges above the question, on its own branch."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from coda.context.history import prompt_messages, unseen
from coda.context.segments import NOTHING, Item, LeftOut, Segment
from coda.context.shrink import DROP_OLDEST
from coda.context.sources.quotes import Quote
from coda.context.sources.source import ContextRequest, Reference, Restored
from coda.conversations.models import Message
from coda.conversations.parts import size_of
from coda.llm.estimate import tokens_of
from coda.llm.types import ChatMessage

_PRIORITY = 10
_MARK = 8  # hex digits of a message's hash: enough to tell which one has changed
_USUAL_TOKENS_PER_CHAR = 0.25


class HistorySource:
    """What was said before. An item is a question with its answer: they go in together or not at all."""

    kind = "history"

    async def offer(self, request: ContextRequest) -> Sequence[Segment]:
        """The newest exchanges, as far up as the window can hold."""
        question, *above = await request.path()
        items = _exchanges([Quote.of(row) for row in above], request)
        read = sum(item.count for item in items)
        oldest = above[read - 1] if read else question
        return [_segment(items, _beyond(oldest, items))]

    def refer(self, segment: Segment) -> Reference:
        """A range of the path, newest first: where it begins, how many messages, and how much of each."""
        quotes = [quote for item in reversed(segment.items) for quote in reversed(item.reference)]
        digests = [quote.digest for quote in quotes]
        where = {
            "newest": str(quotes[0].id) if quotes else None,
            "parts": [len(quote.content) for quote in quotes],
            "marks": "".join(digest[:_MARK] for digest in digests),
            "left_out": [segment.left_out.messages, segment.left_out.tokens],
        }
        return Reference(_digest(digests), where)

    async def restore(self, reference: Reference, request: ContextRequest) -> Restored:
        """The exchanges of the range. One of which a message is gone, or says something else now, is left out."""
        parts: Sequence[int] = reference.where["parts"]
        _, *above = await request.path(above=len(parts))
        rows = above if above and str(above[0].id) == reference.where["newest"] else []
        quotes = [Quote.of(row, parts=count) for row, count in zip(rows, parts, strict=False)]
        items = _exchanges(quotes, request)
        unchanged = _unchanged(items, quotes, marks=reference.where["marks"])
        known = LeftOut(*reference.where["left_out"])
        is_whole = _digest([quote.digest for quote in quotes]) == reference.sha256
        gone = NOTHING if is_whole else _gone(items, unchanged, expected=len(parts))
        return Restored(_segment(items if is_whole else unchanged, known + gone), is_whole=is_whole)


def _segment(items: Sequence[Item], left_out: LeftOut) -> Segment:
    pictures = sum(
        unseen([part for quote in item.reference for part in quote.content], item.messages) for item in items
    )
    return Segment(HistorySource.kind, _PRIORITY, tuple(items), DROP_OLDEST, left_out + LeftOut(pictures=pictures))


def _messages(quote: Quote, request: ContextRequest) -> list[ChatMessage]:
    return prompt_messages(quote, with_tools=request.with_tools, sight=request.sight)


def _exchanges(quotes: Iterable[Quote], request: ContextRequest) -> list[Item]:
    """The path above the question as exchanges, oldest first; an exchange begins with a question."""
    items: list[Item] = []
    rows: list[Quote] = []
    for quote in quotes:
        rows.insert(0, quote)
        if quote.role == "user" or quote.is_root:
            messages = [message for row in rows for message in _messages(row, request)]
            items.append(Item(tuple(messages), tokens_of(messages), len(rows), tuple(rows)))
            rows = []
    return items[::-1]


def _beyond(oldest: Message, items: Sequence[Item]) -> LeftOut:
    """What stands above the oldest message that was read; its tokens by what a character of this chat makes."""
    chars = sum(size_of(quote.content) for item in items for quote in item.reference)
    per_char = sum(item.tokens for item in items) / chars if chars else _USUAL_TOKENS_PER_CHAR
    return LeftOut(oldest.depth, round(oldest.chars_above * per_char))


def _unchanged(items: Sequence[Item], quotes: Sequence[Quote], *, marks: str) -> list[Item]:
    mark_of = {quote.id: marks[place * _MARK : (place + 1) * _MARK] for place, quote in enumerate(quotes)}
    return [item for item in items if all(quote.digest.startswith(mark_of[quote.id]) for quote in item.reference)]


def _gone(items: Sequence[Item], unchanged: Sequence[Item], *, expected: int) -> LeftOut:
    messages = expected - sum(item.count for item in unchanged)
    return LeftOut(messages, sum(item.tokens for item in items) - sum(item.tokens for item in unchanged))


def _digest(digests: Sequence[str]) -> str:
    return sha256("".join(digests).encode()).hexdigest()
