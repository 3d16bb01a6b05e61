"""Bytes in, parts out: what an answer's stream comes to, in blocks of any size."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.ollama_lines import LineReader
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.llm.adapters.reader import StreamReader
from coda.llm.errors import ModelError
from coda.llm.types import ChatDelta, ChatUsage, ToolSpec

DONE = "data: [DONE]\n\n"
CALCULATOR = ToolSpec("calculator", "Calculates.", {"type": "object", "properties": {"expression": {"type": "string"}}})
CLOCK = ToolSpec("now", "Tells the time.", {"type": "object", "properties": {"precision": {"type": "integer"}}})
TOOLS = (CALCULATOR, CLOCK)


@dataclass
class Turn:
    """What a stream came to."""

    text: str = ""
    reasoning: str = ""
    calls: dict[int, list[str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: ChatUsage | None = None
    failure: ModelError | None = None

    def take(self, delta: ChatDelta) -> None:
        """Add a delta."""
        if delta.retracts_text:
            self.reasoning, self.text = self.reasoning + self.text, ""
        self.text += delta.text
        self.reasoning += delta.reasoning
        self.finish = delta.finish or self.finish
        self.usage = delta.usage or self.usage
        if (piece := delta.tool_call) is not None:
            if piece.index not in self.calls:
                assert piece.name, "a call begins with its name"
                assert piece.id, "a call begins with its id"
                self.ids.append(piece.id)
                self.calls[piece.index] = [piece.name, ""]
            self.calls[piece.index][1] += piece.arguments

    @property
    def made(self) -> list[tuple[str, Any]]:
        """The calls with their arguments as values."""
        return [(name, json.loads(arguments or "{}")) for name, arguments in self.calls.values()]

    @property
    def outcome(self) -> tuple[Any, ...]:
        """All of it but the ids, which may be random."""
        failure = (type(self.failure), self.failure.message) if self.failure is not None else None
        return self.text, self.reasoning, self.calls, self.finish, self.usage, failure


def read(reader: StreamReader, blocks: Iterable[bytes]) -> Turn:
    """The whole answer, or as much as came before it failed."""
    turn = Turn()
    for block in blocks:
        for delta in reader.feed(block):
            turn.take(delta)
        if reader.is_over:
            break
    for delta in reader.end():
        turn.take(delta)
    turn.failure = reader.failure
    return turn


def pieces_of(text: str, cuts: Sequence[int]) -> list[str]:
    """The text cut at these places."""
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(places)]


def blocks_of(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    """The stream cut at these places."""
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[start:end] for start, end in pairwise(places)]


def chunk_reader(tools: Sequence[ToolSpec] = TOOLS) -> ChunkReader:
    """A reader of OpenAI's wire."""
    return ChunkReader(Endpoint("http://provider.test/v1/chat/completions", secret="sk-secret"), tools)


def line_reader(tools: Sequence[ToolSpec] = TOOLS) -> LineReader:
    """A reader of Ollama's wire."""
    return LineReader(Endpoint("http://provider.test/api/chat"), tools)


def openai(stream: str | bytes, *, tools: Sequence[ToolSpec] = TOOLS) -> Turn:
    """A stream of OpenAI's wire in one block."""
    return read(chunk_reader(tools), [stream.encode() if isinstance(stream, str) else stream])


def ollama(*lines: Any) -> Turn:  # noqa: ANN401 - any JSON value
    """A stream of Ollama's wire in one block."""
    return read(line_reader(), ["".join(f"{json.dumps(line)}\n" for line in lines).encode()])


def event(chunk: Any) -> str:  # noqa: ANN401 - any JSON value
    """One chunk as an event."""
    return f"data: {json.dumps(chunk)}\n\n"


def delta(finish: Any = None, **fields: Any) -> str:  # noqa: ANN401 - any JSON value
    """A delta as an event."""
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


def said(*texts: str, finish: str = "stop") -> str:
    """A stream that says this."""
    return "".join(delta(content=text) for text in texts) + delta(finish) + DONE


def call(name: str | None = None, arguments: Any = None, **fields: Any) -> str:  # noqa: ANN401 - any JSON value
    """A piece of a tool call as an event."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return delta(tool_calls=[{**fields, "function": function}])
