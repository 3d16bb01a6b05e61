"""Nobody's text holds the event loop: all that reads text of people, models, tools and servers takes linear time."""

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

import coda
from coda.conversations.titles import tidy_title, title_from
from coda.core.patterns import Pattern
from coda.identity.email_address import normalize_email
from coda.llm.adapters.demo.model import plan, spoken, tokens_of
from coda.llm.adapters.demo.situation import understand
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import status_error
from coda.llm.adapters.ollama_lines import LineReader
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.llm.estimate import estimate_tokens
from coda.llm.types import ChatDelta, ChatMessage, ChatRequest, ToolSpec
from coda.observability.logs import hide_secrets
from coda.runs.execution.output.answer import Answer
from coda.tools.arguments import read_arguments
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.builtin.date_time import zone
from coda.tools.builtin.expression import parse
from coda.tools.builtin.table_statistics import describe
from coda.tools.resolver import similar_name
from tests.linear import SMALL, assert_linear

BACKEND = Path(coda.__file__).parents[1]
MESSAGE = UUID(int=1)
ENDPOINT = Endpoint("https://models.test/v1", secret="sk-a-key-of-a-test")
TOOLS = tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in BUILTIN_TOOLS)


def modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(coda.__path__, "coda."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def patterns() -> dict[str, Pattern]:
    """Every pattern of the package, those in tables too."""
    found: dict[str, Pattern] = {}
    for module in modules():
        for value in vars(module).values():
            rows = value if isinstance(value, tuple) else (value,)
            cells = [cell for row in rows for cell in (row if isinstance(row, tuple) else (row,))]
            found |= {cell.source: cell for cell in cells if isinstance(cell, Pattern)}
    return found


PATTERNS = patterns()


class Sink:
    def append(self, event: object) -> None:
        """Nobody watches."""

    def append_delta(self, kind: str, part_id: str, delta: str) -> None:
        """Nobody watches."""


def ask_demo(text: str) -> None:
    for offered in (TOOLS, ()):
        request = ChatRequest(model="coda", messages=(ChatMessage.of("user", text),), tools=offered)
        say(request, most=50)


def say(request: ChatRequest, *, most: int | None = None) -> list[ChatDelta]:
    situation = understand(request)
    return list(islice(spoken(situation, plan(situation)), most))


def answer_demo(text: str) -> None:
    """The demo model reads what a tool has said."""
    request = ChatRequest(
        model="coda",
        messages=(ChatMessage.of("user", "What is 2 + 2?"), ChatMessage.of("tool", text, name="calculator")),
    )
    say(request)


def read_tool_arguments(text: str) -> None:
    for tool in BUILTIN_TOOLS:
        read_arguments(tool, text)
        fields = dict.fromkeys(tool.parameters["properties"], text)
        read_arguments(tool, orjson.dumps(_storable(fields)).decode())


def _storable(fields: dict[str, str]) -> dict[str, str]:
    return {name: text.encode("utf-8", "replace").decode() for name, text in fields.items()}


def read_tool_result(text: str) -> None:
    answer = Answer(MESSAGE, Sink())
    answer.begin_turn(1)
    answer.tool_call(0, provider_id="c", name="t", arguments=text)
    (call,) = answer.close_turn()
    content = orjson.dumps(text.encode("utf-8", "replace").decode()).decode()
    answer.tool_result(call.id, content=content, error=None, duration_ms=1)


def read_stream(text: str) -> None:
    """A provider's stream in small blocks: as it is, as one event of several lines, as an answer's text and calls."""
    data = text.encode("utf-8", "replace")
    said = data.decode()
    delta = {
        "content": said,
        "reasoning_content": said,
        "reasoning_details": [{"type": "reasoning.text", "text": said}],
    }
    call = {"index": 0, "id": "c", "function": {"name": "calculator", "arguments": said}}
    chunks = [{"choices": [{"delta": delta}]}, {"choices": [{"delta": {"tool_calls": [call]}}]}, {"error": said}]
    lines = b"data: {\n" + b"".join(b"data: " + line + b"}\n" for line in data.split(b"\n"))
    for stream in (data, lines, b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks)):
        for reader in (ChunkReader(ENDPOINT, TOOLS), LineReader(ENDPOINT, TOOLS)):
            for start in range(0, len(stream), 64):
                reader.feed(stream[start : start + 64])
            reader.end()


def read_many_pieces(text: str) -> None:
    """A model that says two characters at a time."""
    said = text.encode("utf-8", "replace").decode()
    for field in ("content", "reasoning_content"):
        reader = ChunkReader(ENDPOINT, TOOLS)
        for start in range(0, len(said), 2):
            delta = {field: said[start : start + 2]}
            reader.feed(b"data: " + orjson.dumps({"choices": [{"delta": delta}]}) + b"\n\n")
        reader.end()


def read_provider_error(text: str) -> None:
    words = text.encode("utf-8", "replace")
    for body in (words, orjson.dumps({"error": {"message": words.decode()}})):
        status_error(400, body, {"Retry-After": text[:100]}, ENDPOINT)


READERS: dict[str, Callable[[str], Any]] = {
    "a title from a question": lambda text: title_from(text, text),
    "a title that a model wrote": tidy_title,
    "a question to the demo model": ask_demo,
    "a tool's answer to the demo model": answer_demo,
    "the demo model's tokens": lambda text: list(tokens_of(text)),
    "a table": lambda text: describe({"table": text, "correlation": True}),
    "a table under a header": lambda text: describe({"table": f"a|b\n{text}", "group_by": "a"}),
    "a calculation": parse,
    "a time zone": zone,
    "the tokens of a prompt": estimate_tokens,
    "a log line": lambda text: hide_secrets(None, "", {"event": text, "inner": [{"said": text}]}),
    "an e-mail address": normalize_email,
    "a tool's arguments": read_tool_arguments,
    "a tool's result": read_tool_result,
    "a stream of a provider": read_stream,
    "a stream in many pieces": read_many_pieces,
    "an error of a provider": read_provider_error,
    "the name of a tool that is not there": lambda text: similar_name(text, ["calculator", "table_statistics"]),
}


class TestLinearTime:
    @pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
    def test_of_all_that_reads_text(self, reader: Callable[[str], Any]) -> None:
        assert_linear(reader, small=300 if reader is read_many_pieces else SMALL)  # each of its pieces is a call

    @pytest.mark.parametrize("pattern", PATTERNS.values(), ids=[str(number) for number in range(len(PATTERNS))])
    def test_of_every_pattern(self, pattern: Pattern) -> None:
        def use(text: str) -> None:
            pattern.search(text)
            pattern.sub("", text)

        assert_linear(use, small=500, ends=("x",))

    def test_the_patterns_of_every_domain_are_among_them(self) -> None:
        assert len(PATTERNS) > 50

    @pytest.mark.parametrize(
        "code",
        [
            "import re\n\nX = re.compile('a')\n",
            "from re import compile as c\n\nX = c('a')\n",
            "import regex\n\nX = regex\n",
        ],
    )
    def test_the_linter_refuses_an_engine_that_backtracks(self, code: str) -> None:
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--config", "pyproject.toml", "--select", "TID251", "-",
             "--stdin-filename", "coda/conversations/new.py"],
            cwd=BACKEND, input=code, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert checked.returncode == 1
        assert "coda.core.patterns" in checked.stdout
