"""The question that is answered: always in, and whole."""

from collections.abc import Sequence

from coda.context.history import prompt_messages
from coda.context.segments import Item, Segment
from coda.context.sources.quotes import Quote
from coda.context.sources.source import ContextRequest, Reference, Restored
from coda.llm.estimate import tokens_of

_PRIORITY = 100


class QuestionSource:
    """A message, by its id."""

    kind = "question"

    async def offer(self, request: ContextRequest) -> Sequence[Segment]:
        """What the person has asked."""
        return [_segment(Quote.of((await request.path())[0]), with_tools=request.with_tools)]

    def refer(self, segment: Segment) -> Reference:
        """By its id and its content's hash."""
        quote: Quote = segment.items[0].reference
        return Reference(quote.digest, {"message": str(quote.id), "parts": len(quote.content)})

    async def restore(self, reference: Reference, request: ContextRequest) -> Restored:
        """As it was asked. A question that has been changed since then is asked as it is now."""
        row = (await request.path())[0]
        quote = Quote.of(row, parts=reference.where["parts"])
        is_whole = quote.digest == reference.sha256
        found = quote if is_whole else Quote.of(row)
        return Restored(_segment(found, with_tools=request.with_tools), is_whole=is_whole)


def _segment(quote: Quote, *, with_tools: bool) -> Segment:
    messages = tuple(prompt_messages(quote, with_tools=with_tools))
    return Segment(QuestionSource.kind, _PRIORITY, (Item(messages, tokens_of(messages), 1, quote),))
