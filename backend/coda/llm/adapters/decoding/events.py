"""Server-sent events as they come: with and without blank lines, names, `data:`; lines of JSON; one JSON body."""

from typing import Any, Final

import orjson

from coda.llm.adapters.decoding.lenient_json import loads
from coda.llm.adapters.decoding.lines import LineSplitter
from coda.llm.errors import MalformedAnswer, ModelError, StreamCut

DONE: Final = object()
"""The value of the event that ends OpenAI's streams."""

ERROR: Final = b"error"
"""The name of an event whose value is an error, in JSON or as text."""

FAILURE: Final = b"failure"
"""The name of the last event of a stream that cannot be read on; its value is the exception."""

DONE_TEXT: Final = "[DONE]"
"""The same where it came in quotes."""

_DONE_TEXTS = (b"[DONE]", b'"[DONE]"')
_IGNORED = (b":", b"id:", b"retry:", b"event", b"data", b"id", b"retry")
_MOST_BODY = 16_000_000
_MOST_STRAY = 400


ServerEvent = tuple[bytes, Any]
"""One event: its name, empty where it has none, and its value: parsed JSON, DONE, or the text of an error."""


class EventReader:
    """State of one stream. `stray` keeps the beginning of what is neither an event nor JSON, such as a web page."""

    __slots__ = ("_body", "_body_size", "_lines", "_name", "_pending", "stray")

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._name = b""
        self._pending: list[bytes] = []
        self._body: list[bytes] = []
        self._body_size = 0
        self.stray = b""

    def feed(self, block: bytes) -> list[ServerEvent]:
        """The events that this block completes."""
        found: list[ServerEvent] = []
        try:
            for line in self._lines.feed(block):
                if line[:5] == b"data:" and not self._pending:
                    try:  # most events are one line of strict JSON
                        found.append((self._name, orjson.loads(line[5:])))
                    except ValueError:
                        self._take_odd_data(line[5:].strip(), found)
                elif line or self._pending or self._name:
                    self._take(line, found)
        except ModelError as error:
            found.append((FAILURE, error))
        return found

    def end(self) -> list[ServerEvent]:
        """The events of what the stream did not end; the last one is a StreamCut where it was cut within one."""
        found: list[ServerEvent] = []
        try:
            for line in self._lines.end():
                self._take(line, found)
            if self._body:
                self._add_values(_cut_or_whole(b"\n".join(self._body)), found)
            if self._pending:
                self._add_last(b"\n".join(self._pending), found)
        except ModelError as error:
            found.append((FAILURE, error))
        self._body, self._pending = [], []
        return found

    def _take(self, line: bytes, found: list[ServerEvent]) -> None:
        if line[:5] == b"data:":
            self._take_data(line[5:].strip(), found)
        elif not line:
            self._end_event(found)
        elif line[:6] == b"event:" and not self._body:
            self._name = line[6:].strip()
        elif self._body:
            self._add_to_body(line)
        elif not line.startswith(_IGNORED):
            self._take_other(line, found)

    def _take_data(self, data: bytes, found: list[ServerEvent]) -> None:
        """An event of several lines is whole as soon as they are JSON together."""
        if not self._pending:
            self._take_odd_data(data, found)
            return
        self._pending.append(data)
        try:
            value = loads(b"\n".join(self._pending)) if data.endswith((b"}", b"]")) else None
        except ValueError:
            return
        if value is not None:
            self._pending.clear()
            found.append((self._name, value))

    def _take_odd_data(self, data: bytes, found: list[ServerEvent]) -> None:
        if data in _DONE_TEXTS:
            found.append((self._name, DONE))
        elif data:
            try:
                found.append((self._name, loads(data)))
            except ValueError:
                self._pending.append(data)

    def _end_event(self, found: list[ServerEvent]) -> None:
        """A blank line ends the event."""
        if self._body:
            return
        if self._pending:
            text, self._pending = b"\n".join(self._pending), []
            if self._name != ERROR:
                raise _malformed(text)
            found.append((self._name, _text(text)))
        self._name = b""

    def _take_other(self, line: bytes, found: list[ServerEvent]) -> None:
        """A line without `data:`: JSON, or the beginning of a JSON body of several lines; else something else."""
        data = line.strip()
        if data in _DONE_TEXTS:
            found.append((self._name, DONE))
        elif line[:6] == b"error:":  # a field of llama.cpp's own
            found.append((ERROR, _value_or_text(line[6:].strip())))
        elif data[:1] in (b"{", b"["):
            try:
                self._add_values(loads(data), found)
            except ValueError:
                self._add_to_body(line)
        elif len(self.stray) < _MOST_STRAY:
            self.stray = (self.stray + b" " + data)[:_MOST_STRAY].strip()

    def _add_to_body(self, line: bytes) -> None:
        self._body_size += len(line)
        if self._body_size > _MOST_BODY:
            raise MalformedAnswer("Its answer has no end.")
        self._body.append(line)

    def _add_values(self, value: Any, found: list[ServerEvent]) -> None:  # noqa: ANN401 - any JSON value
        values = value if isinstance(value, list) else [value]
        found.extend((self._name, each) for each in values)

    def _add_last(self, text: bytes, found: list[ServerEvent]) -> None:
        if self._name == ERROR:
            found.append((self._name, _text(text)))
        else:
            self._add_values(_cut_or_whole(text), found)


def stray_error(stray: bytes) -> MalformedAnswer:
    """What came was no answer at all."""
    if stray.startswith(b"<"):
        return MalformedAnswer("It sent a web page. Check the address of this connection.")
    return MalformedAnswer(_text(stray))


def _cut_or_whole(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return loads(text)
    except ValueError:
        raise StreamCut from None


def _malformed(text: bytes) -> MalformedAnswer:
    return MalformedAnswer() if text[:1] in (b"{", b"[") else MalformedAnswer(_text(text))


def _value_or_text(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return loads(text)
    except ValueError:
        return _text(text)


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")
