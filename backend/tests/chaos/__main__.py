"""`make chaos`: random kills of workers, servers, Postgres and Redis under load; fails if anything was lost."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.cluster import cluster
from tests.chaos.drill import Drill, Plan, Tally

_SETTINGS = {
    "CODA_RUNS__LEASE": "4",
    "CODA_RUNS__HEARTBEAT": "1",
    "CODA_LLM__DEMO_TOKENS_PER_SECOND": "200",
}


def main() -> int:
    """0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = Plan(kills=given.kills, seconds=given.minutes * 60, clients=given.clients, pause=0.4, seed=given.seed)
    folder = Path(tempfile.mkdtemp(prefix="coda-chaos-"))
    tally, complaints = asyncio.run(_drill(folder, plan))
    sys.stdout.write(f"seed {plan.seed}: {tally.line()}\n")
    for problem in (*tally.found.problems(), *complaints):
        sys.stdout.write(f"  {problem}\n")
    if not tally.found.is_clean or complaints:
        sys.stdout.write(f"The logs are in {folder}\n")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if tally.found.is_clean else 1


async def _drill(folder: Path, plan: Plan) -> tuple[Tally, list[str]]:
    async with cluster(folder, _SETTINGS, servers=2, workers=3) as site:
        tally = await Drill(site, plan).perform()
        return tally, site.complaints()


if __name__ == "__main__":
    sys.exit(main())
