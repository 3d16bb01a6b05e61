"""Turns results into a table for people, and says whether anything went wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.bundle import ChunkSize
from benchmarks.measures import STREAMS

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
    """Runs that did not end and tokens that were lost, in sentences."""
    said: list[str] = []
    for name, result in found.items():
        if isinstance(result, dict) and "finished" in result:
            if result["finished"] < result["runs"]:
                missing = result["runs"] - result["finished"]
                said.append(f"{name}: {missing} of {result['runs']} runs did not finish: {result['first_problem']}")
            if result["lost"] or result["gaps_in_seq"]:
                said.append(f"{name}: {result['lost']} tokens lost, {result['gaps_in_seq']} gaps in seq")
    return said


def _rows(found: Found) -> Iterator[Row]:
    yield from _house(found)
    yield from _first_tokens(found)
    for streams in STREAMS:
        yield from _streams(found, streams)
    yield from _posts(found)
    yield from _chats(found)
    yield from _javascript(found.get("javascript_kb"))


def _house(found: Found) -> Iterator[Row]:
    warm = found["warm_start_s"]
    yield "Ready, first start (new database)", f"{found['cold_start_s']:.1f} s", "", ""
    yield "Ready, later starts (median)", f"{warm[len(warm) // 2]:.1f} s", "", "3 s"
    for name, key in (("Idle memory", "idle_mb"), ("Memory after the load", "after_load_mb")):
        parts = found[key]
        yield f"{name}, Postgres included", f"{sum(parts.values()):.0f} MB", "", "300 MB" if key == "idle_mb" else ""


def _first_tokens(found: Found) -> Iterator[Row]:
    for streams, promise in ((1, "15 ms (p50)"), (100, "400 ms (p50)")):
        coda, relay = found[f"first_token_{streams}_coda"], found[f"first_token_{streams}_relay"]
        name = "one start" if streams == 1 else f"{streams} starts at once"
        row = f"First token added, {name}, p50 / p99"
        yield row, _spread(coda["added_first_token_ms"]), _spread(relay["added_first_token_ms"]), promise
        yield f"Acknowledged, {name}, p50 / p99", _spread(coda["ack_ms"]), "", ""


def _streams(found: Found, streams: int) -> Iterator[Row]:
    coda, relay = found[f"stream_{streams}_coda"], found[f"stream_{streams}_relay"]
    name = f"{streams} stream{'s' if streams > 1 else ''}"
    promise = "150 us, 2x the relay" if streams == STREAMS[-1] else ""
    yield f"CPU per token, {name}, starts and ends included", _us(coda), _us(relay), promise
    row = f"CPU per token, {name}, while streaming"
    yield row, _us(coda, "steady_us_per_token"), _us(relay, "steady_us_per_token"), ""
    delays = (_spread(coda["token_delay_ms"]), _spread(relay["token_delay_ms"]))
    yield f"Delay of a token, {name}, p50 / p99", *delays, ""
    if streams == STREAMS[-1]:
        yield f"Finished of started, {name}", _finished(coda), _finished(relay), str(streams)
        yield f"Lost tokens, {name}", str(coda["lost"]), str(relay["lost"]), "0"


def _posts(found: Found) -> Iterator[Row]:
    for key, result in found.items():
        if key.startswith("posts_"):
            lanes = key.removeprefix("posts_")
            name = "one after the other" if lanes == "1" else f"{lanes} at a time"
            promise = "40 / 300 ms" if lanes == "1" else ""
            yield f"POST of a message, {name}, p50 / p99", _spread(result["post_ms"]), "", promise


def _chats(found: Found) -> Iterator[Row]:
    for key, name in (("chat_empty", "empty chat"), ("chat_10_mb", "chat of 10 MB")):
        result = found[key]
        row = f"Event stored and sent, {name}, p50 / p99"
        yield row, _spread(result["token_delay_ms"]), "", "" if key == "chat_empty" else "as in an empty chat"
        yield f"First token added, {name}, p50 / p99", _spread(result["added_first_token_ms"]), "", ""


def _javascript(sizes: Mapping[str, ChunkSize] | None) -> Iterator[Row]:
    for name, chunk in (sizes or {}).items():
        yield f"JavaScript gzipped, {name}", f"{chunk['size']:.0f} KB", "", f"{chunk['limit']:.0f} KB"


def _spread(figures: Mapping[str, Any]) -> str:
    return f"{figures['p50']} / {figures['p99']} ms"


def _us(result: Found, key: str = "cpu_us_per_token") -> str:
    value = result[key]
    return "-" if value is None else f"{value:.0f} us"


def _finished(result: Found) -> str:
    return f"{result['finished']} of {result['runs']}"


def _line(row: Row, widths: list[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
