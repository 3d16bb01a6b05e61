"""What the model of one answer is told: the prompt as it grows, and the tool calls that it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from coda.context.assemble import AssembledContext
from coda.context.prompt import FittedPrompt, Prompt, turn_item
from coda.context.segments import Item
from coda.llm.continuation import CONTINUE_REQUEST
from coda.llm.types import ChatMessage, FinishReason, ReasoningBlock, TextBlock
from coda.runs.execution.calls import StoredCall


class Transcript:
    """The conversation with the model, in the order in which it reads it.

    `turns` has the tool calls of each turn that is stored; the first `earlier_turns` of them were made by runs that a
    person has continued. `decisions` are what people decided on tool calls.
    """

    def __init__(
        self, *, decisions: Mapping[UUID, Mapping[str, Any]] | None = None, first_steers: Sequence[str] = ()
    ) -> None:
        self.decisions = decisions or {}
        self.calls: dict[UUID, StoredCall] = {}
        self.turns: dict[int, list[UUID]] = {}
        self.earlier_turns = 0
        self.finish: FinishReason | None = None
        self.question_text: str | None = None
        self._first_steers = first_steers
        self._prompt: Prompt | None = None
        self._room: int | None = None
        self._turns: list[Item] = []
        self._results: set[UUID] = set()
        self._fitted: FittedPrompt | None = None

    def begin(self, assembled: AssembledContext) -> None:
        """Start with the prompt that ends in the question, and with the steers from before the first turn."""
        self._prompt, self._turns, self._fitted = assembled.prompt, [], None
        self.question_text = assembled.question_text
        for content in self._first_steers:
            self.add_steer(content)

    def prompt(self) -> FittedPrompt:
        """What the next request carries: all of it, shortened where the model's window is too small."""
        if self._prompt is None:
            raise AssertionError("the transcript has not begun")
        if self._fitted is None:
            self._fitted = self._prompt.fit(self._turns, room=self._room)
        return self._fitted

    def shorten(self, window: int | None) -> bool:
        """The model could not read the prompt: make it shorter from now on. False where nothing of it can go.

        `window`: what its provider says that it can read. Estimates err, so the prompt shrinks by two fifths at least.
        """
        before = self.prompt().tokens
        self._room = before * 3 // 5 if window is None else min(before * 3 // 5, window * 4 // 5)
        self._fitted = None
        return self.prompt().tokens < before

    def hide_pictures(self) -> bool:
        """The model takes no pictures: go on without those of earlier exchanges. False where that is of no use."""
        plain = self._prompt.without_earlier_pictures() if self._prompt is not None else None
        self._prompt, self._fitted = plain or self._prompt, None
        return plain is not None

    def add_words(self, text: str, calls: Sequence[StoredCall], *, reasoning: ReasoningBlock | None = None) -> None:
        """The model has said something, or wants tools called."""
        requests = tuple(call.as_request() for call in calls)
        content = (TextBlock(text),) if reasoning is None else (reasoning, TextBlock(text))
        self._add(ChatMessage("assistant", content, tool_calls=requests))

    def record_turn(
        self, turn: int, calls: Sequence[StoredCall], finish: FinishReason | None, *, is_earlier: bool = False
    ) -> None:
        """A turn is stored. `is_earlier`: it was made by a run that a person has continued."""
        self.turns[turn] = [call.id for call in calls]
        self.calls.update((call.id, call) for call in calls)
        self.finish = finish
        if is_earlier:
            self.earlier_turns = turn

    def restore_words(self, text: str, calls: Sequence[StoredCall], *, reasoning: ReasoningBlock | None = None) -> None:
        """What a stored turn said, if anything. Where it follows words that were cut, the model was asked for more."""
        if text or calls:
            self.ask_to_continue()
            self.add_words(text, calls, reasoning=reasoning)

    def add_result(self, call: StoredCall) -> None:
        """A tool has answered. The model reads it once, however often this is called."""
        if call.id not in self._results:
            self._results.add(call.id)
            self._add(call.as_message())

    def add_steer(self, content: str) -> None:
        """A person has sent a steer."""
        self._add(ChatMessage.of("user", content))

    def ask_to_continue(self) -> None:
        """Where the last words are the model's own and were cut, ask for more."""
        self.ask_again(CONTINUE_REQUEST)

    def ask_again(self, request: str) -> None:
        """Where the last words are the model's own, ask for something else."""
        last = self._turns[-1].messages[-1] if self._turns else None
        if last is not None and last.role == "assistant" and not last.tool_calls:
            self.add_steer(request)

    def rewrite_call(self, call: StoredCall, arguments: str) -> None:
        """A person has changed the arguments: the model reads its call as it is made."""
        call.arguments = arguments
        self._turns = [turn_item(_with_call(message, call)) for item in self._turns for message in item.messages]
        self._fitted = None

    def _add(self, message: ChatMessage) -> None:
        self._turns.append(turn_item(message))
        self._fitted = None


def _with_call(message: ChatMessage, call: StoredCall) -> ChatMessage:
    if all(request.id != str(call.id) for request in message.tool_calls):
        return message
    requests = (call.as_request() if request.id == str(call.id) else request for request in message.tool_calls)
    return replace(message, tool_calls=tuple(requests))
