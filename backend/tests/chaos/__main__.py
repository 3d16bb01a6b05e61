"""`make chaos`: random kills of workers, servers, Postgres and Redis under load; fails if anything was lost.

SIGINT and SIGTERM end the killing, not the audit.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from signal import SIGINT, SIGTERM

from tests.chaos.cluster import cluster
from tests.chaos.drill import Drill, Plan, Tally

_ENOUGH = (SIGINT, SIGTERM)
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
    _say(f"seed {plan.seed}: {tally.line()}")
    for problem in (*tally.found.problems(), *complaints):
        _say(f"  {problem}")
    if not tally.found.is_clean or complaints:
        _say(f"The logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if tally.found.is_clean else 1


async def _drill(folder: Path, plan: Plan) -> tuple[Tally, list[str]]:
    async with cluster(folder, _SETTINGS, servers=2, workers=3) as site:
        drill = Drill(site, plan, report=_say)
        loop = asyncio.get_running_loop()

        def stop() -> None:
            _say("Enough: no more kills. Once again breaks off.")
            for signal in _ENOUGH:
                loop.remove_signal_handler(signal)
            drill.stop()

        for signal in _ENOUGH:
            loop.add_signal_handler(signal, stop)
        tally = await drill.perform()
        return tally, site.complaints()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
