"""Turns what was measured into a table for people, and says whether anything went wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.bundle import ChunkSize
from benchmarks.measures import CHATS, FINISHED, STREAMS
from benchmarks.processes import WORKERS

Found = Mapping[str, Any]
Row = tuple[str, str, str, str]

_HEAD: Row = ("What", "Coda", "Bare relay", "Promise")


def table(found: Found) -> str:
    """A Markdown table."""
    rows = [_HEAD, *_rows(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def problems(found: Found) -> list[str]:
    """Runs that did not end, tokens that were lost, requests that failed, in sentences."""
    said: list[str] = []
    for name, result in found.items():
        if not isinstance(result, dict):
            continue
        if result.get("finished", 0) < result.get("runs", 0):
            missing = result["runs"] - result["finished"]
            said.append(f"{name}: {missing} of {result['runs']} runs did not finish: {result['first_problem']}")
        if result.get("lost") or result.get("gaps_in_seq"):
            said.append(f"{name}: {result['lost']} tokens lost, {result['gaps_in_seq']} gaps in seq")
        if result.get("server_errors") or result.get("dropped"):
            said.append(f"{name}: {result['server_errors']} answers of 5xx, {result['dropped']} sockets dropped")
    return said


def _rows(found: Found) -> Iterator[Row]:
    yield from _house(found)
    yield from _first_tokens(found)
    for streams in STREAMS:
        yield from _streams(found, streams)
    yield from _finished(found)
    yield from _posts(found)
    yield from _chats(found)
    yield from _replay(found)
    yield from _capacity(found)
    yield from _processes(found)
    yield from _javascript(found.get("javascript_kb"))


def _house(found: Found) -> Iterator[Row]:
    if cold := found.get("cold_start_s"):
        yield "Ready, first start (new database)", f"{cold:.1f} s", "", ""
    if warm := found.get("warm_start_s"):
        yield "Ready, later starts (median)", f"{warm[len(warm) // 2]:.1f} s", "", "3 s"
    for name, key in (("Idle memory", "idle_mb"), ("Memory after the streams", "after_load_mb")):
        if parts := found.get(key):
            yield f"{name}, Postgres included", _memory(parts), "", "300 MB" if key == "idle_mb" else ""


def _first_tokens(found: Found) -> Iterator[Row]:
    for streams, promise in ((1, "15 ms (p50)"), (100, "400 ms (p50)")):
        coda, relay = found.get(f"first_token_{streams}_coda"), found.get(f"first_token_{streams}_relay")
        if coda and relay:
            name = "one start" if streams == 1 else f"{streams} starts at once"
            row = f"First token added, {name}, p50 / p99"
            yield row, _spread(coda["added_first_token_ms"]), _spread(relay["added_first_token_ms"]), promise
            yield f"Acknowledged, {name}, p50 / p99", _spread(coda["ack_ms"]), "", ""


def _streams(found: Found, streams: int) -> Iterator[Row]:
    coda, relay = found.get(f"stream_{streams}_coda"), found.get(f"stream_{streams}_relay")
    if not coda or not relay:
        return
    name = f"{streams} stream{'s' if streams > 1 else ''}"
    promise = "150 us, 2x the relay" if streams == STREAMS[-1] else ""
    yield f"CPU per token, {name}, starts and ends included", _us(coda), _us(relay), promise
    row = f"CPU per token, {name}, while streaming"
    yield row, _us(coda, "steady_us_per_token"), _us(relay, "steady_us_per_token"), ""
    delays = (_spread(coda["token_delay_ms"]), _spread(relay["token_delay_ms"]))
    yield f"Delay of a token, {name}, p50 / p99", *delays, ""
    if streams == STREAMS[-1]:
        yield f"Lost tokens, {name}", str(coda["lost"]), str(relay["lost"]), "0"


def _finished(found: Found) -> Iterator[Row]:
    for streams in FINISHED:
        coda, relay = found.get(f"finished_{streams}_coda"), found.get(f"finished_{streams}_relay")
        if coda and relay:
            yield f"Finished, {streams} started at once", _ended(coda), _ended(relay), "all"


def _posts(found: Found) -> Iterator[Row]:
    for key, result in found.items():
        if key.startswith("posts_"):
            lanes = key.removeprefix("posts_")
            name = "one after the other" if lanes == "1" else f"{lanes} at a time"
            promise = "40 / 300 ms" if lanes == "1" else ""
            yield f"POST of a message, {name}, p50 / p99", _spread(result["post_ms"]), "", promise


def _chats(found: Found) -> Iterator[Row]:
    for key, exchanges in CHATS.items():
        if result := found.get(f"chat_{key}"):
            name = f"chat of {exchanges // 10} MB" if exchanges else "empty chat"
            promise = "as in an empty chat" if exchanges else ""
            yield f"Event stored and sent, {name}, p50 / p99", _spread(result["token_delay_ms"]), "", promise
            yield f"First token added, {name}, p50 / p99", _spread(result["added_first_token_ms"]), "", ""


def _replay(found: Found) -> Iterator[Row]:
    if result := found.get("replay"):
        times = result["replay_ms"]
        yield f"Replay of {result['events']:,} events, p50 / p95", f"{times['p50']} / {times['p95']} ms", "", ""


def _capacity(found: Found) -> Iterator[Row]:
    result = found.get("capacity")
    if not result:
        return
    name = f"{result['idle']:,} idle sockets"
    with_streams = f"{name} and {result['streams']} streams"
    yield f"Memory, {name}", _memory(result["idle_mb"]), "", ""
    yield f"Memory, {with_streams}", _memory(result["most_mb"]), "", "4 GB"
    yield f"Finished, {with_streams}", _ended(result), "", "all"
    yield f"Delay of a token, {with_streams}, p50 / p99", _spread(result["token_delay_ms"]), "", ""
    asked = result["request_ms"]
    yield f"Other requests, {with_streams}, p50 / p99", _spread(asked), "", "2,000 ms (p99)"
    yield f"5xx, {with_streams}", f"{result['server_errors']} of {asked['count']}", "", "0.025 %"
    yield f"CPU per token, {with_streams}", _us(result), "", ""


def _processes(found: Found) -> Iterator[Row]:
    for count in WORKERS:
        if result := found.get(f"workers_{count}"):
            name = f"{count} worker process{'es' if count > 1 else ''}"
            said = f"{result['runs_per_second']:.0f} ({result['cores_used']:.1f} cores used)"
            yield f"Runs per second, {name}, Redis", said, "", ""


def _javascript(sizes: Mapping[str, ChunkSize] | None) -> Iterator[Row]:
    for name, chunk in (sizes or {}).items():
        yield f"JavaScript gzipped, {name}", f"{chunk['size']:.0f} KB", "", f"{chunk['limit']:.0f} KB"


def _memory(parts: Mapping[str, float]) -> str:
    return f"{sum(parts.values()):.0f} MB"


def _spread(figures: Mapping[str, Any]) -> str:
    return f"{figures['p50']} / {figures['p99']} ms"


def _us(result: Found, key: str = "cpu_us_per_token") -> str:
    value = result[key]
    return "-" if value is None else f"{value:.0f} us"


def _ended(result: Found) -> str:
    return f"{result['finished']} of {result['runs']}"


def _line(row: Row, widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
