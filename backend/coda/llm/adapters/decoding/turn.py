"""One turn of a model, put together from what its wire says: the same for all wires."""

from collections.abc import Sequence

from coda.core.text import WholeText
from coda.llm.adapters.decoding.control_marks import ControlMarks, Passage
from coda.llm.adapters.decoding.finish import finish_of
from coda.llm.adapters.decoding.think_tags import ThinkTags
from coda.llm.adapters.decoding.tool_calls import CallMerger, CallPiece
from coda.llm.adapters.decoding.written_calls import WrittenCall, WrittenCalls
from coda.llm.types import ChatDelta, FinishReason, ToolCallDelta, ToolSpec


class TurnReader:
    """Takes what came in its order and gives deltas; `end` gives what was held back."""

    __slots__ = (
        "_after_call", "_calls", "_has_text", "_is_plain", "_marks", "_names", "_reasoning", "_tags", "_text",
        "_written", "finish_word",
    )  # fmt: skip

    def __init__(self, tools: Sequence[ToolSpec] = ()) -> None:
        self._text, self._reasoning = WholeText(), WholeText()
        self._marks, self._tags = ControlMarks(), ThinkTags()
        self._written = WrittenCalls(tools) if tools else None
        self._names = frozenset(tool.name for tool in tools)
        self._calls = CallMerger(self._names)
        self._has_text = self._after_call = self._is_plain = False
        self.finish_word: str | None = None

    @property
    def has_said_something(self) -> bool:
        """Whether text or a call has come."""
        return self._has_text or self._calls.has_calls

    @property
    def has_only_nameless_calls(self) -> bool:
        """Whether all that the model wrote are arguments of calls without a name."""
        return self._calls.has_nameless and not self._has_text

    def is_repeated(self, text: str) -> bool:
        """Whether this is all the text that came in pieces, once more."""
        return len(self._tags.said) > 1 and "".join(self._tags.said) == text

    def text(self, piece: str) -> list[ChatDelta]:
        """The model wrote text, which may hold thoughts and calls."""
        if self._is_plain and piece.isascii() and "<" not in piece and "[" not in piece:
            self._tags.said.append(piece)
            return [ChatDelta(text=piece)]
        self._has_text = True
        deltas = self._read_marks(self._marks.feed(self._text.piece(piece)))
        readers = (self._marks, self._tags, self._written)
        self._is_plain = not self._after_call and all(reader is None or reader.is_plain for reader in readers)
        return deltas

    def reasoning(self, piece: str) -> list[ChatDelta]:
        """The model showed a piece of its chain of thought."""
        piece = self._reasoning.piece(piece)
        return [ChatDelta(reasoning=piece)] if piece else []

    def call(self, piece: CallPiece) -> tuple[int, list[ChatDelta]]:
        """The model wrote a piece of a tool call: the number of its call, and the deltas."""
        index, deltas = self._calls.add(piece)
        return index, _deltas_of(deltas)

    def whole_call(self, piece: CallPiece) -> tuple[int, list[ChatDelta]]:
        """The model made a whole call: the number of its call, and the deltas."""
        index, deltas = self._calls.add_whole(piece)
        return index, _deltas_of(deltas)

    def end(self, *, is_cut: bool = False) -> list[ChatDelta]:
        """What was held back, and why the model stopped, unless its answer is cut."""
        deltas = self.reasoning(self._reasoning.end())
        deltas.extend(self._read_marks(self._marks.feed(self._text.end())))
        deltas.extend(self._read_marks(self._marks.end("".join(self._tags.said))))
        for kind, text in self._tags.end():
            deltas.extend(self._read_calls(text) if kind == "text" else [ChatDelta(reasoning=text)])
        for said in self._written.end() if self._written is not None else ():
            deltas.extend(self._said(said))
        deltas.extend(_deltas_of(self._calls.end()))
        return deltas if is_cut else [*deltas, ChatDelta(finish=self._finish())]

    def _finish(self) -> FinishReason:
        finish = finish_of(self.finish_word or "stop")
        if self._calls.has_calls:
            return "tool_calls" if finish == "stop" else finish
        return "stop" if finish == "tool_calls" else finish

    def _read_marks(self, passages: Sequence[Passage]) -> list[ChatDelta]:
        deltas: list[ChatDelta] = []
        for text, is_thought, tool in passages:
            if is_thought:
                deltas.append(ChatDelta(reasoning=text))
            elif tool in self._names:
                deltas.extend(self.whole_call(CallPiece(None, None, tool, text))[1])
            else:
                deltas.extend(self._read_tags(text))
        return deltas

    def _read_tags(self, text: str) -> list[ChatDelta]:
        deltas: list[ChatDelta] = []
        for kind, piece in self._tags.feed(text):
            if kind == "text":
                deltas.extend(self._read_calls(piece))
            elif kind == "reasoning":
                deltas.append(ChatDelta(reasoning=piece))
            else:
                deltas.append(ChatDelta(retracts_text=True))
        return deltas

    def _read_calls(self, text: str) -> list[ChatDelta]:
        if self._written is None:
            return [ChatDelta(text=text)]
        return [delta for said in self._written.feed(text) for delta in self._said(said)]

    def _said(self, said: str | WrittenCall) -> list[ChatDelta]:
        if isinstance(said, str):
            said = said.lstrip() if self._after_call else said  # spaces between calls are nothing that was said
            self._after_call = self._after_call and not said
            return [ChatDelta(text=said)] if said else []
        self._after_call = True
        return self.whole_call(CallPiece(None, None, said.name, said.arguments))[1]


def _deltas_of(calls: Sequence[ToolCallDelta]) -> list[ChatDelta]:
    return [ChatDelta(tool_call=call) for call in calls]
