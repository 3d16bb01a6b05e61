"""The demo model as an adapter: decides by rules, then streams at the pace of a real model."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

import orjson

from coda.core.patterns import Pattern
from coda.llm.adapters.demo.arithmetic import arithmetic
from coda.llm.adapters.demo.dates import dates
from coda.llm.adapters.demo.optimization import optimization
from coda.llm.adapters.demo.plan import Call, Reply, Skill
from coda.llm.adapters.demo.situation import Situation, ToolAnswer, understand
from coda.llm.adapters.demo.tables import tables
from coda.llm.adapters.demo.titles import title
from coda.llm.adapters.demo.words import formats, long_text, unknown, who
from coda.llm.adapters.demo.zones import zones
from coda.llm.dialects.refusals import may_leave_out
from coda.llm.errors import ParameterRefused
from coda.llm.estimate import prompt_tokens
from coda.llm.types import ChatDelta, ChatRequest, ChatUsage, FinishReason, ToolCallDelta

_TOKEN = Pattern(r"\s*[^\s]{1,8}\s?")
_LONGEST_TYPED, _MOST_BLOCKS = 4_000, 400
_WHOLE: tuple[Skill, ...] = (tables, optimization, zones, long_text)
_PARTS: tuple[Skill, ...] = (arithmetic, dates)
_WORDS: tuple[Skill, ...] = (formats, who)
_RESULTS_ARE_IN = {
    "en": "The tool has answered; now I only have to say it.",
    "pt": "A ferramenta respondeu; agora só preciso dizê-lo.",
}
_RESULTS_ARE_BAD = {
    "en": "The tool could not do it; I will pass on what it said.",
    "pt": "A ferramenta não conseguiu; vou repassar o que ela disse.",
}
_TOOL_FAILED = {
    "en": "The tool `{tool}` could not do it: {error}",
    "pt": "A ferramenta `{tool}` não conseguiu: {error}",
}
_TOOL_MISSING = {
    "en": "For this I would need the tool `{tool}`, which I do not have here: it is switched off, or I was asked "
    "without tools.",
    "pt": "Para isso eu precisaria da ferramenta `{tool}`, que não tenho aqui: ela está desligada, ou me perguntaram "
    "sem ferramentas.",
}
_UNREADABLE = {
    "en": "The tool `{tool}` answered in a form that I do not know: `{result}`",
    "pt": "A ferramenta `{tool}` respondeu numa forma que não conheço: `{result}`",
}


class DemoModel:
    """Answers at `tokens_per_second`; 0 is as fast as the reader reads."""

    def __init__(self, tokens_per_second: int) -> None:
        self._pause = 1 / tokens_per_second if tokens_per_second else 0.0

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Decide, then send the decision token by token; raises ParameterRefused for what rules cannot be asked for."""
        _check(request)
        situation, decision = await asyncio.to_thread(_decide, request)  # a long question takes a while to read
        counted = _Counter(request)
        for delta in counted.count(_behind(situation.said, spoken(situation, decision))):
            await asyncio.sleep(self._pause)
            yield delta
        yield ChatDelta(finish=counted.finish)
        yield ChatDelta(usage=counted.usage())


def _check(request: ChatRequest) -> None:
    is_formed = (request.response_format or {}).get("type", "text") != "text"
    for name, is_asked in (("response_format", is_formed), ("stop", bool(request.stop))):
        if is_asked and not may_leave_out(request, name):
            raise ParameterRefused("The demo model answers by rules, in words.", param=name)


def _behind(said: str, deltas: Iterator[ChatDelta]) -> Iterator[ChatDelta]:
    """Only what comes after the words that were said before the answer was cut."""
    if not said:
        yield from deltas
        return
    known = len(said)
    for delta in deltas:
        if delta.tool_call is not None or len(delta.text) > known:
            yield replace(delta, text=delta.text[known:]) if delta.text else delta
        known -= min(known, len(delta.text))


def _decide(request: ChatRequest) -> tuple[Situation, Sequence[Call] | Reply]:
    situation = understand(request)
    return situation, title(request) or plan(situation)


def spoken(situation: Situation, calls: Sequence[Call] | Reply) -> Iterator[ChatDelta]:
    """All that the model says in this call."""
    if isinstance(calls, Reply):
        yield from _reasoning(calls.reasoning)
        yield from _text(calls.text)
        return
    possible = _possible(calls, situation)
    if not possible:
        yield from _reasoning(" ".join(call.reasoning for call in calls))
        yield from _text("\n\n".join(_without_tool(call, situation) for call in calls))
    elif len(situation.answers) >= len(possible):
        answers = situation.answers[-len(possible) :]
        has_failed = any(answer.error is not None for answer in answers)
        yield from _reasoning(situation.say(_RESULTS_ARE_BAD if has_failed else _RESULTS_ARE_IN))
        answer_of = dict(zip(map(id, possible), answers, strict=True))
        said = (
            _in_words(call, answer_of[id(call)], situation) if id(call) in answer_of else _without_tool(call, situation)
            for call in calls
        )
        yield from _text("\n\n".join(said))
    else:
        yield from _reasoning(" ".join(call.reasoning for call in possible))
        for index, call in enumerate(possible):
            yield from _tool_call(call, index=index, call_id=f"call_{situation.turns}_{index}")


def _possible(calls: Sequence[Call], situation: Situation) -> Sequence[Call]:
    """Those whose tool is at hand, or has answered already."""
    at_hand = situation.tools | {answer.name for answer in situation.answers}
    return [call for call in calls if call.tool in at_hand]


def plan(situation: Situation) -> Sequence[Call] | Reply:
    """One rule for the whole question, else one for each part of it, else words."""
    for skill in _WHOLE:
        found = skill(situation)
        if found is not None:
            return [found] if isinstance(found, Call) else found
    parts = [found for skill in _PARTS if isinstance(found := skill(situation), Call)]
    if parts:
        return parts
    for skill in _WORDS:
        reply = skill(situation)
        if isinstance(reply, Reply):
            return reply
    return unknown(situation)


def _in_words(call: Call, answer: ToolAnswer, situation: Situation) -> str:
    if answer.error is not None:
        return situation.say(_TOOL_FAILED).replace("{tool}", call.tool).replace("{error}", answer.error)
    try:
        return call.answer(answer.result)
    except (KeyError, TypeError, AttributeError, IndexError):
        shown = orjson.dumps(answer.result).decode()[:200]
        return situation.say(_UNREADABLE).replace("{tool}", call.tool).replace("{result}", shown)


def _without_tool(call: Call, situation: Situation) -> str:
    return call.alone() if call.alone is not None else situation.say(_TOOL_MISSING).replace("{tool}", call.tool)


def tokens_of(text: str) -> Iterator[str]:
    """Pieces of the size of a token; together they are the text."""
    end = 0
    for match in _TOKEN.finditer(text):
        end = match.end()
        yield match.group()
    if end < len(text):
        yield text[end:]


def _reasoning(text: str) -> Iterator[ChatDelta]:
    return (ChatDelta(reasoning=token) for token in tokens_of(text))


def _text(text: str) -> Iterator[ChatDelta]:
    return (ChatDelta(text=token) for token in tokens_of(text))


def _tool_call(call: Call, *, index: int, call_id: str) -> Iterator[ChatDelta]:
    yield ChatDelta(tool_call=ToolCallDelta(index, call_id, call.tool))
    written = orjson.dumps(call.arguments).decode()
    for piece in tokens_of(written) if len(written) <= _LONGEST_TYPED else _blocks(written):
        yield ChatDelta(tool_call=ToolCallDelta(index, arguments=piece))


def _blocks(text: str) -> Iterator[str]:
    """A long text in few pieces: each of them is stored and sent on its own."""
    size = len(text) // _MOST_BLOCKS + 1
    return (text[start : start + size] for start in range(0, len(text), size))


class _Counter:
    """Counts what is sent, and ends it at the caller's limit."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._sent = self._reasoned = 0
        self.finish: FinishReason = "stop"

    def count(self, deltas: Iterator[ChatDelta]) -> Iterator[ChatDelta]:
        limit = self._request.max_output_tokens
        for delta in deltas:
            if limit is not None and self._sent >= limit:
                self.finish = "length"
                return
            self._sent += 1
            self._reasoned += bool(delta.reasoning)
            if delta.tool_call is not None:
                self.finish = "tool_calls"
            yield delta

    def usage(self) -> ChatUsage:
        return ChatUsage(prompt_tokens(self._request), self._sent, self._reasoned)
