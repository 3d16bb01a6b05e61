"""Bad wires to the provider: every end is a clear one, and what was said stays."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coda.core.breaker import FAILURES_TO_OPEN
from tests.contract.reducer import MessageState
from tests.runs.conftest import Person
from tests.runs.faults.asking import assert_seen_as_stored, begin, heard, text_of
from tests.runs.faults.conftest import Wires
from tests.runs.site import Line, Site

PACED = "openai/paced-n60-d15"


async def whole(line: Line, person: Person, ack: dict[str, Any]) -> MessageState:
    return await assert_seen_as_stored(person, ack, await line.until_end(ack["run"]["id"]))


class TestLatency:
    @pytest.fixture
    def database_timeout(self) -> timedelta:
        return timedelta(seconds=15)

    async def test_200_ms_on_every_wire_only_take_time(self, site: Site, person: Person, wires: Wires) -> None:
        async with site.line(person) as line:
            await whole(line, person, await begin(line, person, model=PACED))  # connections are there
            for proxy in wires.each():
                proxy.latency = 0.2
            ack = await begin(line, person, model=PACED)
            state = await whole(line, person, ack)

        assert state.status == "complete"
        assert len(text_of(state).split()) == 60


class TestSlowBytes:
    async def test_a_trickle_is_no_silence(self, site: Site, person: Person, wires: Wires) -> None:
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            await heard(line, 1)
            wires.provider.bytes_per_second = 2_500
            state = await whole(line, person, ack)

        assert state.status == "complete"
        assert len(text_of(state).split()) == 60


class TestBroken:
    @pytest.mark.parametrize(("fault", "code"), [("reset", "llm.stream_cut"), ("go_silent", "llm.provider_timeout")])
    async def test_in_mid_stream_what_was_said_stays(
        self, site: Site, person: Person, wires: Wires, fault: str, code: str
    ) -> None:
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            await heard(line, 5)
            getattr(wires.provider, fault)()
            state = await whole(line, person, ack)

        assert state.status == "failed"
        assert state.parts[-1]["code"] == code
        assert 1 <= len(text_of(state).split()) < 60

    async def test_it_goes_on_behind_what_was_said(self, site: Site, person: Person, wires: Wires) -> None:
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            await heard(line, 5)
            wires.provider.reset()
            cut = await whole(line, person, ack)
            wires.provider.heal()
            continued = (await line.ask("continue", run_id=ack["run"]["id"]))["run"]["id"]
            seen = await line.until_end(continued)

        message = await person.message(UUID(ack["assistant"]["id"]))
        state = cut.apply_all(seen)
        assert (message.status, state.status) == ("complete", "complete")
        assert message.content == state.parts
        kinds = [part["type"] for part in message.content]
        assert kinds == ["text", "notice", "text"]
        assert len(message.content[2]["text"].split()) == 60

    async def test_what_failed_before_a_word_is_not_continued(self, site: Site, person: Person, wires: Wires) -> None:
        await wires.provider.refuse()
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            await whole(line, person, ack)
            refused = await line.ask("continue", run_id=ack["run"]["id"])

        assert refused["error"]["code"] == "runs.nothing_to_continue"

    async def test_within_a_line(self, site: Site, person: Person, wires: Wires) -> None:
        wires.provider.cut_after(1_500)
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            state = await whole(line, person, ack)

        assert state.parts[-1]["code"] == "llm.stream_cut"
        assert text_of(state)

    async def test_nobody_there(self, site: Site, person: Person, wires: Wires) -> None:
        await wires.provider.refuse()
        wires.provider.reset()
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            state = await whole(line, person, ack)

        assert state.parts[-1]["code"] == "llm.provider_unreachable"


class TestSilent:
    async def test_the_breaker_opens_and_the_next_call_is_not_sent(
        self, site: Site, person: Person, wires: Wires
    ) -> None:
        wires.provider.go_silent()
        states = await asyncio.gather(*(self._answer(site, person) for _ in range(FAILURES_TO_OPEN)))
        connections = wires.provider.accepted
        refused = await self._answer(site, person)

        assert {state.parts[-1]["code"] for state in states} == {"llm.provider_timeout"}
        assert refused.parts[-1]["code"] == "llm.provider_paused"
        assert wires.provider.accepted == connections

    async def _answer(self, site: Site, person: Person) -> MessageState:
        async with site.line(person) as line:
            ack = await begin(line, person, model=PACED)
            return await whole(line, person, ack)
