"""The question that is answered: always in, and whole."""

from collections.abc import Sequence

from coda.context.history import prompt_messages, unseen
from coda.context.segments import Item, LeftOut, Segment
from coda.context.sources.quotes import Quote
from coda.context.sources.source import ContextRequest, Reference, Restored
from coda.conversations.parts import text_of
from coda.llm.estimate import tokens_of

_PRIORITY = 100


class QuestionSource:
    """A message, by its id."""

    kind = "question"

    async def offer(self, request: ContextRequest) -> Sequence[Segment]:
        """What the person has asked."""
        return [_segment(Quote.of((await request.path())[0]), request)]

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
        return Restored(_segment(found, request), is_whole=is_whole)


def asked_text(segment: Segment) -> str:
    """What the person wrote, without what the model is told of files beside it."""
    quotes = [item.reference for item in segment.items if isinstance(item.reference, Quote)]
    return "".join([text_of(quote.content) for quote in quotes] or [message.text for message in segment.messages])


def _segment(quote: Quote, request: ContextRequest) -> Segment:
    messages = tuple(prompt_messages(quote, with_tools=request.with_tools, sight=request.sight))
    item = Item(messages, tokens_of(messages), 1, quote)
    return Segment(QuestionSource.kind, _PRIORITY, (item,), left_out=LeftOut(pictures=unseen(quote.content, messages)))
