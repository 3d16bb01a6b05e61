"""Tool calls that a model wrote into its text, because its server did not take them out.

Each form is an opening mark and a closing one; what stands between them is JSON, XML-like parameters, or a tool's name
before a JSON object. Only calls of tools that were offered count; everything else stays text.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from coda.llm.adapters.decoding.written_arguments import calls_between
from coda.llm.types import ToolSpec

_MARKS: Final[Mapping[str, tuple[str, ...]]] = {
    "<tool_call>": ("</tool_call>",),
    "<tool_calls>": ("</tool_calls>",),
    "<function_call>": ("</function_call>",),
    "<function_calls>": ("</function_calls>",),
    "<function=": ("</function>",),
    "<|tool_call|>": ("<|/tool_call|>", "</tool_call>"),
    "<|tool_call>": ("<tool_call|>",),
    "<|python_tag|>": ("<|eom_id|>", "<|eot_id|>"),
    "<minimax:tool_call>": ("</minimax:tool_call>",),
    "<|tool_calls_section_begin|>": ("<|tool_calls_section_end|>",),
    "<｜tool▁calls▁begin｜>": ("<｜tool▁calls▁end｜>",),  # noqa: RUF001 - DeepSeek's own bars
    "[TOOL_CALLS]": (),
}
_FIRSTS: Final = ("<", "[")
_LONGEST_MARK: Final = max(len(closing) for closings in _MARKS.values() for closing in closings)
_MOST_HELD: Final = 200_000
_PART_OF_CALL: Final = "<function="
_FENCE: Final = "```"


class WrittenCall(NamedTuple):
    """A call as it stood in the text; `arguments` is the text of a JSON object."""

    name: str
    arguments: str


Said = str | WrittenCall


class WrittenCalls:
    """State of one turn in which tools were offered."""

    __slots__ = ("_bare", "_held", "_later", "_mark", "_searched", "_tools", "_waiting")

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._tools = {tool.name: tool.parameters for tool in tools}
        self._held = ""
        self._later: list[str] = []
        self._mark: str | None = None
        self._searched = self._waiting = 0
        self._bare: bool | None = None

    @property
    def is_plain(self) -> bool:
        """Whether text without `<` and `[` is nothing but text now."""
        return self._bare is False and not self._held

    def feed(self, text: str) -> list[Said]:
        """What is certain by now, in its order; what may be a call is held back."""
        self._waiting += len(text)
        if self._mark is not None and ">" not in text and self._waiting <= _MOST_HELD:
            self._later.append(text)  # nothing is closed here: not worth a look at all that is held
            return []
        self._held = "".join((self._held, *self._later, text))
        self._later.clear()
        if self._bare is None:
            self._bare = _may_be_bare(self._held, self._tools)
        if self._bare or self._bare is None:
            if len(self._held) <= _MOST_HELD:
                return []
            self._bare = False
        return list(self._cut())

    def end(self) -> list[Said]:
        """What was held back: nothing follows it."""
        held, self._held = "".join((self._held, *self._later)), ""
        if not held:
            return []
        mark = self._mark
        calls: Sequence[tuple[str, str]] = ()
        if mark is not None:
            calls = calls_between(_without(mark, held), self._tools)
        elif self._bare is not False:
            calls = calls_between(_without_fence(held.strip()), self._tools)
        self._mark = None
        return [WrittenCall(*call) for call in calls] if calls else [held]

    def _cut(self) -> Iterator[Said]:
        while self._held:
            if self._mark is None:
                yield from self._to_next_mark()
                if self._mark is None:
                    return
            end = self._end_of_body(self._mark)
            if end < 0:
                if len(self._held) > _MOST_HELD:
                    yield self._held
                    self._held, self._mark = "", None
                return
            body, self._held = self._held[:end], self._held[end:]
            calls = calls_between(_without(self._mark, body), self._tools)
            self._mark = None
            yield from [WrittenCall(*call) for call in calls] if calls else [body]

    def _to_next_mark(self) -> Iterator[Said]:
        """The text before the next mark; the mark stays at the beginning of what is held."""
        found = [(at, mark) for mark in _MARKS if (at := self._held.find(mark)) >= 0]
        if found:
            at, self._mark = min(found)
            self._searched, self._waiting = len(self._mark), len(self._held) - at
        else:
            at = len(self._held) - _beginning_of_a_mark(self._held)
        text, self._held = self._held[:at], self._held[at:]
        if text:
            yield text

    def _end_of_body(self, mark: str) -> int:
        """Where what follows the closing mark begins; -1 where it is not closed yet."""
        held, start = self._held, self._searched
        ends = [at + len(closing) for closing in _MARKS[mark] if (at := held.find(closing, start)) >= 0]
        self._searched = max(start, len(held) - _LONGEST_MARK)
        return min(ends, default=-1)


def _without(mark: str, body: str) -> str:
    """What stands behind the mark; one mark is the beginning of the call itself."""
    return body if mark == _PART_OF_CALL else body.removeprefix(mark)


def _without_fence(body: str) -> str:
    return body.removeprefix(_FENCE + "json").removeprefix(_FENCE).removesuffix(_FENCE)


def _beginning_of_a_mark(text: str) -> int:
    at = max(text.rfind(first) for first in _FIRSTS)
    end = text[at:] if at >= 0 else ""
    return len(end) if end and any(mark.startswith(end) for mark in _MARKS) else 0


def _may_be_bare(held: str, tools: Mapping[str, Any]) -> bool | None:
    """Whether the whole answer is a call in JSON: some models write nothing else. None while that is open."""
    whole = "".join(held.split())
    if f"{_FENCE}json".startswith(whole):
        return None
    squeezed = whole.removeprefix(_FENCE + "json").removeprefix(_FENCE)
    begun = [f'{head}"{name}"' for name in tools for head in ('{"name":', '[{"name":', '{"type":"function","name":')]
    if any(squeezed.startswith(beginning) for beginning in begun):
        return True
    return None if any(beginning.startswith(squeezed) for beginning in begun) else False
