"""The chaos drill, small enough for every run of the suite; `make chaos` is the large one."""

import pytest

from tests.chaos.cluster import Cluster
from tests.chaos.drill import Drill, Plan


@pytest.mark.usefixtures("client")
async def test_ten_kills_lose_nothing(site: Cluster) -> None:
    tally = await Drill(site, Plan(kills=10, seconds=20, clients=3, pause=0.4, seed=3)).perform()

    assert tally.kills.total()
    assert tally.acked
    assert tally.found.is_clean, tally.found.problems()
