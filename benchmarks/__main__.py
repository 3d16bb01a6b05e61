"""`python -m benchmarks`: measure everything in one run, print a table, write the results as JSON."""

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import orjson

from benchmarks import machine, report
from benchmarks.measures import PARTS, measure
from benchmarks.servers import ROOT
from benchmarks.site import Results

_LIMIT_SECONDS = 1_500


def main() -> int:
    """Measure; 1 if a run did not end well or a token was lost."""
    arguments = _arguments()
    if not Path("/proc/self/schedstat").exists():
        sys.stderr.write("The benchmarks read /proc: they need Linux.\n")
        return 2
    results = Results({"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine.describe()})
    began = monotonic()
    failure = _try(results, arguments.only or list(PARTS))
    results.add("took_s", round(monotonic() - began))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_bytes(orjson.dumps(results.found, option=orjson.OPT_INDENT_2))
    told = _tell(results, arguments.json)
    if failure:
        sys.stderr.write(f"{failure}\n")
    return 2 if failure else told


def _try(results: Results, parts: list[str]) -> str | None:
    """Measure; gives what went wrong, after which what was found before is still told."""
    try:
        asyncio.run(_measure(results, parts))
    except KeyboardInterrupt:
        return "Interrupted."
    except (RuntimeError, TimeoutError) as error:
        return str(error) or f"Not done after {_LIMIT_SECONDS} s."
    return None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, default=ROOT / "dist" / "benchmarks.json", help="where the results go")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    return parser.parse_args()


async def _measure(results: Results, parts: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="coda-bench-", ignore_cleanup_errors=True) as folder:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await measure(Path(folder), results, parts)


def _tell(results: Results, path: Path) -> int:
    facts = results.found["machine"]
    sys.stdout.write(
        f"{report.table(results.found)}\n\n{facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB; "
        f"load before: {facts['load_before'][0]}; took {results.found['took_s']} s; all figures: {path}\n"
    )
    said = report.problems(results.found)
    for problem in said:
        sys.stdout.write(f"PROBLEM  {problem}\n")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
