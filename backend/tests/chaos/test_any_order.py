"""Whatever a person does in whatever order, while processes die: nothing is lost or doubled, and all see the same.

The suite tries a few ways, always the same ones; `make test-long` and `make chaos` try HYPOTHESIS_EXAMPLES, longer and
each time others.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import ClassVar, TypeVar
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.chaos.audit import Findings, check_stored, everything
from tests.chaos.cluster import Cluster, kill
from tests.chaos.conversation import Asked, Conversation, assert_as_fetched, assert_nothing_lost
from tests.runs.tab import Tab

T = TypeVar("T")

_STEP_WITHIN = 240.0
_QUESTIONS = ("Write a long text about rivers", "What is 17.5 % of 2,340?", "Hello")
_SHORT = settings(
    max_examples=2,
    stateful_step_count=15,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
_LONG = settings(
    _SHORT,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "20")),
    stateful_step_count=40,
    derandomize=False,
)

which = st.integers(min_value=0, max_value=1_000)
tab_of = st.integers(min_value=0, max_value=1)


class AnyOrder(RuleBasedStateMachine):
    """One person with two tabs. Rules run in a thread; what they do runs on the loop of the test."""

    site: ClassVar[Cluster]
    loop: ClassVar[asyncio.AbstractEventLoop]

    def __init__(self) -> None:
        super().__init__()
        self._stack = AsyncExitStack()
        self._chat = self._wait(self._open())

    def teardown(self) -> None:
        """All goes on to its end; then everything must fit."""
        try:
            self._wait(self._chat.settle())
            self._wait(assert_nothing_lost(self._chat))
            self._wait(assert_as_fetched(self._chat))
            self._wait(self._audit())
        finally:
            self._wait(self._stack.aclose())

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        self._wait(assert_nothing_lost(self._chat))

    @initialize()
    def begin(self) -> None:
        """There is something to control."""
        self._wait(self._chat.ask(self._tab(0), _QUESTIONS[0]))

    @rule(tab=tab_of, question=st.sampled_from(_QUESTIONS))
    def send(self, tab: int, question: str) -> None:
        """Ask below the newest answer, finished or not."""
        self._wait(self._chat.ask(self._tab(tab), question))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def resend(self, tab: int, at: int) -> None:
        """The same request again changes nothing."""
        self._wait(self._chat.repeat(self._tab(tab), self._pick(at)))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which, question=st.sampled_from(_QUESTIONS))
    def edit(self, tab: int, at: int, question: str) -> None:
        """Another question in the place of a known one."""
        self._wait(self._chat.ask(self._tab(tab), question, parent_id=self._pick(at).parent_id))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def regenerate(self, tab: int, at: int) -> None:
        """Another answer to a known question."""
        self._wait(self._chat.regenerate(self._tab(tab), self._pick(at)))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def stop(self, tab: int, at: int) -> None:
        """Stop a run, or find that it is over."""
        self._wait(self._chat.control(self._tab(tab), "cancel", self._pick(at)))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def continue_answer(self, tab: int, at: int) -> None:
        """Have a cut answer written on, or find that it was not cut."""
        self._wait(self._chat.control(self._tab(tab), "continue", self._pick(at), "runs.nothing_to_continue"))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which, question=st.sampled_from(_QUESTIONS))
    def rewrite(self, tab: int, at: int, question: str) -> None:
        """Change a question that waits, or find that somebody has begun with it."""
        self._wait(self._chat.rewrite(self._tab(tab), self._pick(at), question))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def remove(self, tab: int, at: int) -> None:
        """Take a waiting question out, or find that somebody has begun with it."""
        self._wait(self._chat.remove(self._tab(tab), self._pick(at)))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def pause(self, tab: int, at: int) -> None:
        """Hold a run."""
        self._wait(self._chat.control(self._tab(tab), "pause", self._pick(at), "runs.not_running"))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def resume(self, tab: int, at: int) -> None:
        """Go on with a run."""
        self._wait(self._chat.control(self._tab(tab), "resume", self._pick(at), "runs.not_paused"))

    @precondition(lambda self: self._chat.asked)
    @rule(tab=tab_of, at=which)
    def steer(self, tab: int, at: int) -> None:
        """Throw a sentence into a run: once accepted it stays, once."""
        known, said = self._pick(at), f"Mind this: {uuid4()}"
        refusals = ("runs.not_running", "runs.ending", "runs.too_many_steers")
        if self._wait(self._chat.control(self._tab(tab), "steer", known, *refusals, content=said)):
            known.steers.append(said)

    @rule(tab=tab_of, times=st.integers(min_value=1, max_value=20))
    def watch(self, tab: int, times: int) -> None:
        """Let the answers grow for a while."""
        for _ in range(times):
            self._wait(self._chat.watch(self._tab(tab)))

    @rule(tab=tab_of)
    def drop(self, tab: int) -> None:
        """A connection breaks; the tab comes back by itself with what it has."""
        self._chat.tabs[tab].drop()

    @rule(tab=tab_of)
    def leave(self, tab: int) -> None:
        """A tab loses its connection until it is needed again."""
        self._chat.tabs[tab].leave()

    @rule(at=which)
    def kill_a_worker(self, at: int) -> None:
        """A worker is killed, and another one started."""
        worker = self.site.workers[at % len(self.site.workers)]
        self._wait(kill(worker))
        self._wait(self.site.bear(worker))

    @rule()
    def restart_redis(self) -> None:
        """Redis loses everything."""
        self.site.redis.stop(signal.SIGKILL)
        self.site.redis.start()

    def _tab(self, at: int) -> Tab:
        tab = self._chat.tabs[at]
        tab.come_back()
        return tab

    def _pick(self, at: int) -> Asked:
        return self._chat.asked[-1 - at % len(self._chat.asked)]

    async def _open(self) -> Conversation:
        address, headers = self.site.servers[0].address, {"Authorization": f"Bearer {self.site.key}"}
        http = httpx.AsyncClient(base_url=f"http://{address}", headers=headers, timeout=60, trust_env=False)
        await self._stack.enter_async_context(http)
        made = await http.post("/api/v1/sessions", json={})
        assert made.is_success, (made.text, self.site.complaints()[-3:])
        session_id = made.json()["id"]
        tabs = [await self._stack.enter_async_context(Tab(address, self.site.key)) for _ in range(2)]
        return Conversation(self.site, http, session_id, tabs)

    async def _audit(self) -> None:
        found = Findings()
        async with everything(self.site) as database:
            await check_stored(database, found)
        assert found.is_clean, found.problems()

    def _wait(self, doing: Awaitable[T]) -> T:
        async def done() -> T:
            try:
                return await doing
            except TimeoutError as error:  # asyncio copies one from thread to thread without its words
                raise AssertionError({"waited": repr(error), "chat": await self._chat.state()}) from error

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(_STEP_WITHIN)


async def try_ways(site: Cluster, plan: settings) -> None:
    """As many ways as the plan says, each in a new session."""
    await site.tend()
    AnyOrder.site, AnyOrder.loop = site, asyncio.get_running_loop()
    await asyncio.to_thread(run_state_machine_as_test, AnyOrder, settings=plan)
    await site.tend()
    site.effects.effects.clear()  # it asks the same sum many times; audits behind it count effects by question


async def test_in_any_order(site: Cluster) -> None:
    await try_ways(site, _SHORT)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_in_any_order_at_length(site: Cluster) -> None:
    await try_ways(site, _LONG)
