"""`python -m benchmarks.performer`: reads one job as JSON, performs it, prints one result as JSON."""

import sys
from typing import Any

import orjson
import uvloop

from benchmarks import crowd, load, replaying
from benchmarks.load import Job


async def perform(job: Job) -> dict[str, Any]:
    """Do a job of whatever kind."""
    if job.replay:
        return await replaying.perform(job)
    if job.idle:
        return await crowd.perform(job)
    return await load.perform(job)


def main() -> None:
    """Read a job, do it, print what was found."""
    job = Job(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(uvloop.run(perform(job))))


if __name__ == "__main__":
    main()
