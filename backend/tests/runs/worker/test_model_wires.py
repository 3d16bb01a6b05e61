"""What a run makes of a provider's odd answers: no answer is lost, and the next request is one that servers accept."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.runs.models import Run
from tests.conversations.conftest import new_chat
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.control import over, start
from tests.simulators.scripted import DONE, Reply, ScriptedServer, event, says

MODEL = "openai/m"
SIX = '{"expression":"6*7"}'


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls, provider: ScriptedServer) -> AsyncIterator[Process]:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{provider.url}/v1"}
    async with assemble(Settings.model_validate(own), database_urls) as running:
        yield running


def calls(*pieces: dict[str, Any], finish: str = "tool_calls") -> Reply:
    """A turn that asks for tools, in these pieces."""
    choices = [{"delta": {"tool_calls": [piece]}} for piece in pieces]
    return Reply([*(event({"choices": [each]}) for each in choices), event(_finish(finish)), DONE])


def _finish(reason: str) -> dict[str, Any]:
    return {"choices": [{"delta": {}, "finish_reason": reason}]}


def piece(arguments: str, *, name: str = "calculator", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - of the wire
    return {**fields, "function": {"name": name, "arguments": arguments}}


async def answered(person: Person, ask: Ask, question: str = "What is 6*7?") -> tuple[Run, list[dict[str, Any]]]:
    started = await ask(await person.new_session(), question, model=MODEL)
    run = await ended(person, started)
    message = await person.message(run.message_id)
    return run, list(message.content)


def requests(provider: ScriptedServer) -> list[dict[str, Any]]:
    """What was asked for answers; titles are asked for without tools."""
    return [body for body in provider.bodies if "tools" in body]


def words(parts: list[dict[str, Any]], kind: str = "text") -> str:
    return "".join(part["text"] for part in parts if part["type"] == kind)


class TestAnswers:
    @pytest.mark.parametrize("count", [-1, 2**64 - 1, 10**30, "many"])
    async def test_an_answer_is_not_lost_to_its_accounting(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer, count: int | str
    ) -> None:
        provider.begin(says("Forty-two.", usage={"prompt_tokens": 11, "completion_tokens": count}))
        run, parts = await answered(person, ask)

        assert (run.status, words(parts)) == ("finished", "Forty-two.")
        assert len(requests(provider)) == 1
        message = await person.message(run.message_id)
        assert message.usage is not None
        assert (message.usage.input_tokens, message.usage.confidence) == (11, "estimated")
        assert message.usage.output_tokens > 0

    async def test_a_filter_says_so(self, process: Process, person: Person, ask: Ask, provider: ScriptedServer) -> None:
        provider.begin(Reply([event(_finish("content_filter")), DONE]))
        run, parts = await answered(person, ask)

        assert run.status == "finished"
        assert [part["code"] for part in parts] == ["runs.content_filter"]

    async def test_an_error_in_the_stream_is_told_in_its_words(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        gone = {"delta": {}, "finish_reason": "error", "error": {"code": 400, "message": "Gone."}}
        provider.begin(Reply([event({"choices": [{"delta": {"content": "Well"}}]}), event({"choices": [gone]}), DONE]))
        run, parts = await answered(person, ask)

        assert run.status == "failed"
        assert run.error is not None
        assert "Gone." in run.error["message"]
        assert words(parts) == "Well"

    async def test_thoughts_without_an_opening_tag_are_reasoning_here_and_leave_later_prompts(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        provider.begin(says("Let me see.</think>Forty-two."), says("Yes."))
        session_id = await person.new_session()
        first = await ask(session_id, "What is 6*7?", model=MODEL)
        run = await ended(person, first)
        await ended(person, await ask(session_id, "Sure?", model=MODEL))

        parts = list((await person.message(run.message_id)).content)
        assert (words(parts, "reasoning"), words(parts)) == ("Let me see.", "Forty-two.")
        assert "Let me see" not in json.dumps(requests(provider)[-1])

    async def test_nothing_but_spaces_is_no_answer(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        provider.begin(says("\n\n "))
        run, parts = await answered(person, ask)

        assert run.status == "finished"
        assert [part["code"] for part in parts if part["type"] == "notice"] == ["runs.empty_answer"]

    async def test_a_call_that_the_server_could_not_read_is_asked_for_again(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        failed = {"error": {"message": "Failed to call a function.", "code": "tool_use_failed"}}
        provider.begin(Reply.json(failed, status=400), says("Forty-two."))
        run, parts = await answered(person, ask)

        assert (run.status, words(parts), len(requests(provider))) == ("finished", "Forty-two.", 2)


class TestHistory:
    @pytest.mark.parametrize("arguments", [json.dumps(SIX), f"```json\n{SIX}\n```", SIX.replace("}", ",}")])
    async def test_arguments_that_are_nearly_json_are_taken_as_they_were_meant(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer, arguments: str
    ) -> None:
        made = calls(piece(arguments, index=0, id="x"))
        provider.begin(answer=lambda body: made if "tools" in body and _last(body) == "user" else says("Fine."))
        _, parts = await answered(person, ask)

        (call,) = (part for part in parts if part["type"] == "tool_call")
        assert (call["status"], call["arguments"], "arguments_text" in call) == ("done", json.loads(SIX), False)
        sent = [call for message in requests(provider)[-1]["messages"] for call in message.get("tool_calls", ())]
        assert [json.loads(call["function"]["arguments"]) for call in sent] == [json.loads(SIX)]

    async def test_arguments_that_were_cut_do_not_spoil_the_chat(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        def answer(body: dict[str, Any]) -> Reply:
            made = [call for message in body["messages"] for call in message.get("tool_calls", ())]
            try:
                for call in made:
                    json.loads(call["function"]["arguments"])
            except ValueError:
                return Reply.json({"error": {"message": "Invalid JSON in arguments"}}, status=400)
            return (
                says("Fine.") if made or "tools" not in body else calls(piece('{"expression":"6*7"', index=0, id="x"))
            )

        provider.begin(answer=answer)
        session_id = await person.new_session()
        first = await ended(person, await ask(session_id, "What is 6*7?", model=MODEL))
        second = await ended(person, await ask(session_id, "And now?", model=MODEL))

        assert (first.status, second.status) == ("finished", "finished")

    async def test_ids_never_repeat_over_turns_and_questions(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        made = calls(piece(SIX, index=0, id="call_0"))
        provider.begin(answer=lambda body: made if "tools" in body and _last(body) == "user" else says("Fine."))
        session_id = await person.new_session()
        await ended(person, await ask(session_id, "What is 6*7?", model=MODEL))
        await ended(person, await ask(session_id, "And again?", model=MODEL))

        sent = requests(provider)[-1]["messages"]
        ids = [call["id"] for message in sent for call in message.get("tool_calls", ())]
        assert len(set(ids)) == 2
        assert "call_0" not in ids

    async def test_what_a_model_does_not_take_is_left_out_and_said_once(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        refusal = Reply.json({"error": {"message": "no-tools does not support tools"}}, status=400)
        provider.begin(answer=lambda body: refusal if "tools" in body else says("Fine."))
        session_id = await person.new_session()
        first = await ended(person, await ask(session_id, "Hello?", model="openai/no-tools"))
        second = await ended(person, await ask(session_id, "Hello?", model="openai/no-tools"))

        parts = list((await person.message(first.message_id)).content)
        assert [part["type"] for part in parts] == ["text", "notice"]
        assert (parts[1]["code"], parts[1]["details"]) == ("runs.left_out", {"left_out": ["tools"]})
        assert "tools" in parts[1]["message"]
        assert len(requests(provider)) == 1
        assert [part["type"] for part in (await person.message(second.message_id)).content] == ["text"]


class TestWindow:
    async def test_a_prompt_that_is_too_long_is_shortened_once(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        chat = await new_chat(person.database, person.scope, title="Long")
        leaf = await chat.grow(30, words="some words that were said before " * 12)
        sizes: list[int] = []

        def answer(body: dict[str, Any]) -> Reply:
            sizes.append(len(json.dumps(body["messages"])))
            if len(sizes) == 1:
                return Reply.json({"message": "Input is too long for requested model."}, status=400)
            return says("Fine.")

        provider.begin(answer=answer)
        run = await ended(person, await ask(chat.id, "And now?", parent_id=leaf, model=MODEL))

        parts = list((await person.message(run.message_id)).content)
        assert (run.status, words(parts), len(requests(provider))) == ("finished", "Fine.", 2)
        assert sizes[1] < sizes[0] * 0.8
        assert parts[-1]["code"] == "runs.prompt_shortened"

    async def test_what_cannot_be_shortened_is_told(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        provider.begin(Reply.json({"message": "Input is too long for requested model."}, status=400))
        run, _ = await answered(person, ask)

        assert run.error is not None
        assert run.error["code"] == "llm.context_window_exceeded"
        assert len(requests(provider)) == 1


class TestCost:
    """The model costs a dollar for a hundred tokens that it reads, and as much for a hundred that it writes."""

    @pytest.fixture
    def costly(
        self, settings: Settings, database_urls: DatabaseUrls, provider: ScriptedServer, tmp_path: Path
    ) -> Callable[[float], AbstractAsyncContextManager[Process]]:
        prices = tmp_path / "prices.json"
        prices.write_text(json.dumps({MODEL: {"input": 10_000, "output": 10_000, "window": 8192}}))
        own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{provider.url}/v1"}
        own["llm"] |= {"price_file": prices}

        def build(limit_usd: float) -> AbstractAsyncContextManager[Process]:
            own["runs"] |= {"max_cost_usd": limit_usd}
            return assemble(Settings.model_validate(own), database_urls)

        return build

    async def test_a_prompt_that_costs_too_much_is_not_sent(
        self, costly: Callable[[float], AbstractAsyncContextManager[Process]], provider: ScriptedServer
    ) -> None:
        provider.begin(says("Fine."))
        async with costly(1.0) as process:
            person = await new_person(process.database)
            run = await over(person, await start(process, person, "Hello?", model=MODEL))

        assert run.error is not None
        assert run.error["code"] == "runs.cost_limit"
        assert requests(provider) == []

    async def test_an_answer_is_limited_to_what_it_may_cost(
        self, costly: Callable[[float], AbstractAsyncContextManager[Process]], provider: ScriptedServer
    ) -> None:
        provider.begin(says("Fine."))
        async with costly(40.0) as process:
            person = await new_person(process.database)
            run = await over(person, await start(process, person, "Hello?", model=MODEL))

        assert run.status == "finished"
        (body,) = requests(provider)
        assert 0 < body["max_completion_tokens"] < 4_000

    async def test_the_step_that_would_pass_the_limit_is_not_taken(
        self, costly: Callable[[float], AbstractAsyncContextManager[Process]], provider: ScriptedServer
    ) -> None:
        made = calls(piece(SIX, index=0, id="x"))
        counted = event({"choices": [], "usage": {"prompt_tokens": 5_900, "completion_tokens": 50}})
        provider.begin(Reply([*made.blocks[:-1], counted, DONE]), says("Fine."))
        async with costly(60.0) as process:
            person = await new_person(process.database)
            run = await over(person, await start(process, person, "Hello?", model=MODEL))
            parts = list((await person.message(run.message_id)).content)

        assert run.status == "finished"
        assert [part.get("code") for part in parts] == [None, "runs.cost_limit"]
        assert len(requests(provider)) == 1


def _last(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["role"])


class TestCalls:
    @pytest.mark.parametrize(
        "pieces",
        [
            [piece(SIX, index=0, id="x"), piece(SIX, index=1, id="x")],
            [piece(SIX, index=0, id="x"), piece(SIX, index=0, id="y")],
            [piece(SIX), piece('{"expression":"2+2"}')],
        ],
        ids=["one id", "one index", "neither"],
    )
    async def test_two_calls_are_two(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer, pieces: list[dict[str, Any]]
    ) -> None:
        provider.begin(calls(*pieces), says("Forty-two."))
        run, parts = await answered(person, ask)

        made = [part for part in parts if part["type"] == "tool_call"]
        assert run.status == "finished"
        assert [part["status"] for part in made] == ["done", "done"]
        sent = requests(provider)[-1]["messages"]
        ids = [call["id"] for message in sent for call in message.get("tool_calls", ())]
        assert len(set(ids)) == 2
        assert [message["tool_call_id"] for message in sent if message["role"] == "tool"] == ids

    async def test_a_call_that_was_written_as_text_is_made(
        self, process: Process, person: Person, ask: Ask, provider: ScriptedServer
    ) -> None:
        written = '<tool_call>{"name": "calculator", "arguments": {"expression": "6*7"}}</tool_call>'
        provider.begin(says(written), says("Forty-two."))
        _, parts = await answered(person, ask)

        assert [part["type"] for part in parts] == ["tool_call", "text"]
        assert parts[0]["status"] == "done"
