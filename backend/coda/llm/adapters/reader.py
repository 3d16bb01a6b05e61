"""What reads a stream of JSON over HTTP: bytes in, deltas out. Each wire adds how its values are read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from coda.llm.adapters.decoding.events import DONE, DONE_TEXT, ERROR, FAILURE, EventReader, ServerEvent, stray_error
from coda.llm.adapters.decoding.parts import read_parts
from coda.llm.adapters.decoding.turn import TurnReader
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import stream_error
from coda.llm.adapters.returning import PayloadCollector
from coda.llm.errors import CallFailed, MalformedAnswer, ModelError, StreamCut
from coda.llm.types import ChatDelta, ChatUsage, ToolSpec

_SHAPE_ERRORS: Final = (AttributeError, TypeError, KeyError, IndexError, RecursionError)


class StreamReader(ABC):
    """State of one stream. `is_done`: its end was announced. `failure`: why it cannot go on after what it gave."""

    def __init__(self, endpoint: Endpoint, tools: Sequence[ToolSpec] = ()) -> None:
        self.endpoint = endpoint
        self.turn = TurnReader(tools)
        self.returning = PayloadCollector()
        self.usage: ChatUsage | None = None
        self.is_done = False
        self.failure: ModelError | None = None
        self._events = EventReader()
        self._has_events = False

    @abstractmethod
    def read(self, value: Any, deltas: list[ChatDelta]) -> None:  # noqa: ANN401 - whatever JSON the provider sent
        """Add the deltas of one value; may fail in any way where its shape is not the wire's."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be read."""
        return self.is_done or self.failure is not None

    @property
    def is_finished(self) -> bool:
        """Whether the model has said why it stopped: nothing but usage may follow."""
        return self.turn.finish_word is not None

    def feed(self, block: bytes) -> list[ChatDelta]:
        """The deltas of a block of the stream, up to a failure."""
        return self._read_all(self._events.feed(block))

    def end(self) -> list[ChatDelta]:
        """The last deltas, called once nothing more comes; without an end the answer was cut."""
        is_over = self.is_over or self.is_finished
        deltas: list[ChatDelta] = [] if is_over else self._read_all(self._events.end())
        if self.failure is None and not (self.is_done or self.is_finished):
            self.failure = self._unfinished()
        elif self.failure is None and self.turn.has_only_nameless_calls:
            self.failure = CallFailed("It does not say which tool it wants.")
        if self.failure is not None:
            return [*deltas, *self.held_back()]
        deltas.extend(self.turn.end())
        if self.usage is not None:
            deltas.append(ChatDelta(usage=self.usage))
        if (payload := self.returning.payload()) is not None:
            deltas.append(ChatDelta(payload=payload))
        return deltas

    def _unfinished(self) -> ModelError:
        """Why the body ended before the answer did."""
        if self._events.stray and not self.turn.has_said_something:
            return stray_error(self._events.stray)
        return StreamCut() if self._has_events else MalformedAnswer("The answer is empty.")

    def held_back(self) -> list[ChatDelta]:
        """What came before an answer was cut and was not given yet."""
        deltas = self.turn.end(is_cut=True)
        return deltas if self.usage is None else [*deltas, ChatDelta(usage=self.usage)]

    def add_parts(self, content: object, deltas: list[ChatDelta]) -> None:
        """Content as a list of parts: text and thoughts."""
        for part in read_parts(content):
            deltas.extend(self.turn.reasoning(part.text) if part.is_thought else self.turn.text(part.text))

    def _read_all(self, events: Sequence[ServerEvent]) -> list[ChatDelta]:
        deltas: list[ChatDelta] = []
        self._has_events = self._has_events or bool(events)
        try:
            for name, value in events:
                if name and name in (ERROR, FAILURE):
                    raise value if name is FAILURE else stream_error(value, self.endpoint)
                if value is DONE or value == DONE_TEXT:
                    self.is_done = True
                    break
                for each in value if isinstance(value, list) else (value,):
                    if each:
                        self.read(each, deltas)
        except ModelError as error:
            self.failure = error
        except _SHAPE_ERRORS:
            self.failure = MalformedAnswer()
        return deltas
