"""What a provider refuses keeps its meaning, behind a plain model and behind the agent; nothing is asked twice."""

from typing import Any

import pytest
from openai import APIStatusError, AsyncOpenAI
from sqlalchemy import func, select

from coda.conversations.models import ChatSession
from coda.core.db import Database
from coda.core.http.errors import STATUS, answer_of
from coda.gateways.openai_api import errors
from coda.gateways.openai_api.errors import render_openai_error
from coda.llm.errors import ModelError, ProviderUnavailable
from tests.callers import Caller
from tests.simulators.faults import FaultServer


def said(text: str) -> Any:  # noqa: ANN401 - the client's own message types
    return [{"role": "user", "content": text}]


async def chats(database: Database, caller: Caller) -> int:
    async with database.transaction(caller.principal.scope) as db:
        return await db.scalar(select(func.count()).select_from(ChatSession)) or 0


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("prefix", ["", "coda-agent/"])
class TestMeaning:
    @pytest.mark.parametrize(
        ("model", "status", "code"),
        [
            ("openrouter/status-429-retry-7", 429, "rate_limit_exceeded"),
            ("openrouter/status-402", 429, "insufficient_quota"),
            ("openrouter/status-401", 502, "llm.key_refused"),
            ("openrouter/status-400", 400, "llm.request_rejected"),
            ("openrouter/status-500", 502, "llm.provider_unavailable"),
        ],
    )
    async def test_of_a_refusal(
        self, openai: AsyncOpenAI, prefix: str, model: str, status: int, code: str, is_streamed: bool
    ) -> None:
        refused = await _refused(openai, f"{prefix}{model}", "hi", is_streamed)

        assert (refused.status_code, refused.code) == (status, code)
        assert (refused.response.headers.get("x-should-retry") == "false") >= bool(prefix)
        assert refused.response.headers["x-request-id"] == refused.request_id
        if "retry" in model:
            assert refused.response.headers["retry-after"] == "7"

    @pytest.mark.parametrize(
        ("text", "status", "code"),
        [("refuse: window", 400, "context_length_exceeded"), ("refuse: rate", 429, "rate_limit_exceeded")],
    )
    async def test_of_what_a_provider_says(
        self, openai: AsyncOpenAI, prefix: str, text: str, status: int, code: str, is_streamed: bool
    ) -> None:
        refused = await _refused(openai, f"{prefix}openai/o3", text, is_streamed)

        assert (refused.status_code, refused.code) == (status, code)


class TestAskingAgain:
    async def test_a_run_that_failed_is_not_asked_for_again(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        before = await chats(database, caller)
        patient = openai.with_options(max_retries=2)
        refused = await _refused(patient, "coda-agent/openrouter/status-503", "hi", is_streamed=False)

        assert await chats(database, caller) == before + 1
        assert refused.response.headers["coda-session-id"]
        assert refused.response.headers["coda-run-id"]

    async def test_nor_is_what_would_be_paid_twice(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        asked = len(module_faults.requests)
        await _refused(openai.with_options(max_retries=2), "openrouter/status-402", "hi", is_streamed=False)

        assert len(module_faults.requests) == asked + 1

    def test_what_was_tried_here_is_not_tried_as_often_again(self) -> None:
        once, twice = ProviderUnavailable(), ProviderUnavailable()
        once.tell_tries(1)
        twice.tell_tries(2)
        told = [render_openai_error(answer_of(error)).headers.get("x-should-retry") for error in (once, twice)]

        assert told == [None, "false"]

    def test_every_error_at_which_asking_again_is_useless_says_so(self) -> None:
        kinds: list[type[ModelError]] = [ModelError, *_below(ModelError)]
        repeated = [kind for kind in kinds if STATUS[kind.kind] >= 429]
        useless = {kind.code for kind in repeated if not kind.is_retryable}

        paid_for = {"llm.stream_cut"}
        assert useless - {"llm.provider_paused"} | paid_for == errors.FINAL


async def _refused(openai: AsyncOpenAI, model: str, text: str, is_streamed: bool) -> APIStatusError:
    with pytest.raises(APIStatusError) as refused:
        await openai.chat.completions.create(model=model, messages=said(text), stream=is_streamed)
    return refused.value


def _below(kind: type[ModelError]) -> list[type[ModelError]]:
    return [deeper for each in kind.__subclasses__() for deeper in (each, *_below(each))]
