"""Reads the lines of Ollama's stream, each a JSON object."""

from typing import Any, Final

from coda.llm.adapters.decoding.parts import text_in
from coda.llm.adapters.decoding.tool_calls import piece_of
from coda.llm.adapters.decoding.usage import read_count
from coda.llm.adapters.failures.http import says_error, stream_error
from coda.llm.adapters.reader import StreamReader
from coda.llm.errors import MalformedAnswer
from coda.llm.types import ChatDelta, ChatUsage

_NO_ANSWER: Final = ("load", "unload")


class LineReader(StreamReader):
    """State of one stream; the line that is `done` ends it."""

    def read(self, value: Any, deltas: list[ChatDelta]) -> None:  # noqa: ANN401 - whatever JSON the provider sent
        """Add the deltas of one line."""
        message, is_last = value.get("message"), bool(value.get("done"))
        is_answer = isinstance(message, dict)
        if value.get("error") or (not is_answer and "done" not in value and says_error(value)):
            raise stream_error(value, self.endpoint)
        if is_answer:
            self._read_message(message, deltas, is_last=is_last)
        elif value.get("response"):
            deltas.extend(self.turn.text(str(value["response"])))
        if is_last:
            self._read_end(value)

    def _read_message(self, message: dict[str, Any], deltas: list[ChatDelta], *, is_last: bool) -> None:
        thinking = text_in(message["thinking"]) if message.get("thinking") else ""
        if thinking:
            self.returning.add_text("thinking", thinking)
            deltas.extend(self.turn.reasoning(thinking))
        content = message.get("content")
        if isinstance(content, str):
            if content and not (is_last and self.turn.is_repeated(content)):
                deltas.extend(self.turn.text(content))
        elif content:
            self.add_parts(content, deltas)
        calls = message.get("tool_calls") or ()
        for call in [calls] if isinstance(calls, dict) else calls:
            self._read_call(call, deltas)

    def _read_call(self, call: dict[str, Any], deltas: list[ChatDelta]) -> None:
        """Calls come whole, each with a name."""
        piece = piece_of(call)
        if not piece.name:
            raise MalformedAnswer("It called a tool without a name.")
        piece.arguments = piece.arguments or "{}"
        index, told = self.turn.whole_call(piece)
        self.returning.add_call(index, call)
        deltas.extend(told)

    def _read_end(self, line: dict[str, Any]) -> None:
        reason = str(line.get("done_reason") or "stop")
        if reason in _NO_ANSWER and not self.turn.has_said_something:
            raise MalformedAnswer("It has only loaded or unloaded the model, and gave no answer.")
        self.is_done = True
        self.turn.finish_word = reason
        self.usage = ChatUsage(read_count(line.get("prompt_eval_count")), read_count(line.get("eval_count")))
