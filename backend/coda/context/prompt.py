"""The prompt of an answer while it grows: what was chosen at its start, and the answer's own turns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from coda.context.budget import Budget
from coda.context.errors import PromptTooLong
from coda.context.segments import Item, Segment, Shrink, tokens_in
from coda.context.shrink import SHORTEN_RESULTS, shrunk, without_pictures
from coda.llm.estimate import tokens_of
from coda.llm.types import ChatMessage

_TURNS: Final = "turns"
_PRIORITY: Final = 50


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """What one request carries."""

    messages: Sequence[ChatMessage]
    tokens: int
    budget: Budget

    def check(self) -> None:
        """Raises PromptTooLong where no model of this window could read it. The rest is for the provider to say."""
        if self.budget.cannot_hold(self.tokens):
            raise PromptTooLong(tokens=self.tokens, window=self.budget.window)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Segments in the order in which the model reads them; the answer's own turns follow."""

    segments: tuple[Segment, ...]
    budget: Budget
    shrinks_turns: Shrink | None = SHORTEN_RESULTS

    @property
    def messages(self) -> list[ChatMessage]:
        """What the first request carries."""
        return [message for segment in self.segments for message in segment.messages]

    def without_earlier_pictures(self) -> "Prompt | None":
        """The prompt without the pictures of earlier exchanges; None where the question itself shows some, or no
        exchange does."""
        if any(message.images for segment in self.segments if segment.shrink is None for message in segment.messages):
            return None
        if not any(message.images for message in self.messages):
            return None
        plain = tuple(without_pictures(segment, excess=segment.tokens) for segment in self.segments)
        return replace(self, segments=plain)

    def fit(self, turns: Iterable[Item], *, room: int | None = None) -> FittedPrompt:
        """The prompt with the answer's turns, shortened by its rules where the window, or `room`, is too small.

        Nothing that a person has just said goes: not the question, not what was sent into the answer.
        """
        grown = (*self.segments, Segment(_TURNS, _PRIORITY, tuple(turns), self.shrinks_turns))
        fitted = shrunk(grown, room=self.budget.for_prompt if room is None else min(room, self.budget.for_prompt))
        messages = [message for segment in fitted for message in segment.messages]
        return FittedPrompt(messages, tokens_in(fitted), self.budget)


def turn_item(message: ChatMessage) -> Item:
    """A message of the answer's own turns: what the model said, a result, a steer."""
    return Item((message,), tokens_of([message]))
