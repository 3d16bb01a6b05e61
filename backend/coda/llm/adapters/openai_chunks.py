"""Reads the chunks of OpenAI's stream, with the variations that compatible servers have."""

from collections.abc import Iterator
from typing import Any

from coda.llm.adapters.decoding.finish import finish_of, finish_word
from coda.llm.adapters.decoding.parts import read_parts
from coda.llm.adapters.decoding.tool_calls import piece_of
from coda.llm.adapters.decoding.usage import newer_usage
from coda.llm.adapters.failures.http import says_error, stream_error
from coda.llm.adapters.reader import StreamReader
from coda.llm.types import ChatDelta


class ChunkReader(StreamReader):
    """State of one stream of `chat.completion.chunk`, or of one whole `chat.completion`.

    `_told`: the text of whole messages so far, in streams that have no deltas.
    """

    _told = ""

    def read(self, value: Any, deltas: list[ChatDelta]) -> None:  # noqa: ANN401 - whatever JSON the provider sent
        """Add the deltas of one chunk."""
        choices = value.get("choices")
        if not choices or "usage" in value or "error" in value or "x_groq" in value:
            self._read_frame(value, has_choices=choices is not None)
            if not choices:
                return
        choice = choices[0]
        if choice.get("error"):
            raise stream_error(choice["error"], self.endpoint)
        delta = choice.get("delta")
        if not delta:
            delta = self._whole_message(choice)
        if delta:
            self._read_delta(delta, deltas)
        finish = choice.get("finish_reason") or choice.get("stop_reason")
        if finish:
            self._finish(finish, choice)

    def _read_frame(self, chunk: dict[str, Any], *, has_choices: bool) -> None:
        if chunk.get("error") or (not has_choices and says_error(chunk)):
            raise stream_error(chunk, self.endpoint)
        groq = chunk.get("x_groq")
        usage = chunk.get("usage") or (groq.get("usage") if isinstance(groq, dict) else None)
        if usage:
            self.usage = newer_usage(self.usage, usage)

    def _whole_message(self, choice: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON the provider sent
        """A message that did not stream, or OpenAI's older form; not one that repeats what was streamed."""
        message = choice.get("message")
        if not message:
            return {"content": choice["text"]} if choice.get("text") else None
        if self.turn.has_said_something and not self._told:
            return None
        return self._news_of(message)

    def _news_of(self, message: dict[str, Any]) -> dict[str, Any]:
        """Some servers send the message with every chunk: as much as there is of it by then, or a piece."""
        text = message.get("content")
        if not isinstance(text, str):
            return message
        news = text.removeprefix(self._told)
        self._told += news
        return {**message, "content": news}

    def _read_delta(self, delta: Any, deltas: list[ChatDelta]) -> None:  # noqa: ANN401 - whatever JSON the provider sent
        if isinstance(delta, str):
            delta = {"content": delta}
        text = delta.get("content")
        if len(delta) == 1 and isinstance(text, str):  # nearly every chunk
            deltas.extend(self.turn.text(text) if text else ())
            return
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning or "reasoning_details" in delta:
            self._read_reasoning(delta, reasoning, deltas)
        if text:
            if isinstance(text, str):
                deltas.extend(self.turn.text(text))
            else:
                self.add_parts(text, deltas)
        if delta.get("tool_calls") or delta.get("function_call"):
            self._read_calls(delta, deltas)
        if delta.get("refusal"):
            deltas.extend(self.turn.text(str(delta["refusal"])))

    def _read_reasoning(self, delta: dict[str, Any], reasoning: object, deltas: list[ChatDelta]) -> None:
        """Some servers send a thought as text, as parts, or in details that go back to them."""
        for part in read_parts(reasoning or delta.get("reasoning_details")):
            deltas.extend(self.turn.reasoning(part.text))
        for field in ("reasoning_content", "reasoning"):
            text = delta.get(field)
            if isinstance(text, str) and text:
                self.returning.add_text(field, text)
                break
        self.returning.add_blocks("reasoning_details", delta.get("reasoning_details"))

    def _read_calls(self, delta: dict[str, Any], deltas: list[ChatDelta]) -> None:
        for call in _calls_in(delta):
            index, told = self.turn.call(piece_of(call))
            self.returning.add_call(index, call)
            deltas.extend(told)

    def _finish(self, reason: object, choice: dict[str, Any]) -> None:
        word = finish_word(reason)
        if word is not None and finish_of(word) == "error":
            raise stream_error(choice.get("native_finish_reason") or word, self.endpoint)
        self.turn.finish_word = word or self.turn.finish_word
        if choice.get("usage"):  # where Moonshot has it
            self.usage = newer_usage(self.usage, choice["usage"])


def _calls_in(delta: dict[str, Any]) -> Iterator[Any]:
    """Calls of the present form, in a list or alone, and of the form before it."""
    calls = delta.get("tool_calls")
    yield from [calls] if isinstance(calls, dict) else calls or ()
    if delta.get("function_call"):
        yield {"index": 0, "function": delta["function_call"]}
