"""SIGKILL around a model call: whoever takes the run over sends the provider the same prompts, byte for byte."""

import itertools
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from coda.core.kill_points import KillPoint
from tests.chaos.client import Client
from tests.chaos.cluster import Cluster, cluster, until
from tests.simulators.recorder import Delta, Recorder, calling, saying

CALL_ID = re.compile(rb'"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"')
QUESTION = "What is 6 * 7?"
MODEL = "openai/recorder"
POINTS = (
    KillPoint.MID_STREAM,
    KillPoint.BEFORE_SETTLE,
    KillPoint.AFTER_SETTLE,
    KillPoint.BEFORE_SIDE_EFFECT,
    KillPoint.AFTER_SIDE_EFFECT,
)


class ToolUser(Recorder):
    """A model that calls the calculator and then answers, however often it is asked the same."""

    def turn_for(self, number: int) -> Sequence[Delta]:
        if self.messages(number)[-1]["role"] == "tool":
            return saying("It is ", "42.")
        return calling(("calculator", {"expression": "6*7"}))

    def prompts(self) -> list[bytes]:
        """Requests of answers in their order, each once, however often it was repeated; ids of calls as `call`.

        Each answer has ids of its own for its calls. Two requests of one answer that differ in them stay two.
        """
        answers = (body for body in self.bodies if b'"tools"' in body)  # a title is asked for without tools
        return [CALL_ID.sub(b'"call"', body) for body, _ in itertools.groupby(answers)]


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[ToolUser]:
    async with ToolUser() as server:
        yield server


@pytest.fixture(scope="module")
async def site(provider: ToolUser) -> AsyncIterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="coda-chaos-"))
    settings = {
        "CODA_RUNS__LEASE": "1.2",
        "CODA_RUNS__HEARTBEAT": "0.3",
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": f"{provider.url}/v1",
    }
    async with cluster(folder, settings) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


async def prompts_of_an_answer(
    site: Cluster, client: Client, provider: ToolUser, *, dies_at: KillPoint | None = None
) -> list[bytes]:
    """The prompts of one answer, in the middle of which a worker may die."""
    session_id = await client.new_session()
    provider.begin()
    tokens = [site.arm(dies_at)] if dies_at is not None else []
    asked = await client.ask(session_id, QUESTION, model=MODEL)
    await site.died_at(*tokens)
    await until(asked.ended.is_set)
    assert asked.state.status == "complete"
    return provider.prompts()


@pytest.mark.parametrize("point", POINTS)
async def test_the_prompts_are_those_of_a_run_that_nobody_killed(
    site: Cluster, client: Client, provider: ToolUser, point: KillPoint
) -> None:
    undisturbed = await prompts_of_an_answer(site, client, provider)

    killed = await prompts_of_an_answer(site, client, provider, dies_at=point)

    assert len(undisturbed) == 2
    assert killed == undisturbed
