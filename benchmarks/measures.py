"""What is measured, part by part. Each part leaves its results for `report` and can be run alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from benchmarks import servers
from benchmarks.api import CodaApi
from benchmarks.bundle import kilobytes
from benchmarks.family import pss_by_name
from benchmarks.plan import FIRST_TOKEN, LONG, SHORT, STREAM
from benchmarks.processes import measure_processes
from benchmarks.servers import ROOT, Server, wait_until_ready
from benchmarks.site import EMAIL, PASSWORD, Results, Site

STREAMS = (1, 20, 100)
FINISHED = (50, 100, 200)
CHATS = {"empty": 0, "1_mb": 10, "10_mb": 100}
IDLE_SOCKETS, CROWD_STREAMS = 2_000, 200
_WARM_STARTS = 3
_IDLE_SECONDS = 5.0
_POSTS = 200
_LANES = 16
_MESSAGE_SIZE = 100_000
_ALONE, _TOGETHER = 20, 3
_CHAT_ROUNDS = 5
_REPLAYS = 100
_PEOPLE = 20


async def _starts(site: Site) -> None:
    """Stop and start again and again; the memory of a server that has just been started, and does nothing."""
    warm: list[float] = []
    for _ in range(_WARM_STARTS):
        await site.coda.stop()
        warm.append(await _start(site.coda))
    site.results.add("warm_start_s", sorted(warm))
    await _weigh(site, "idle_mb")


async def _start(coda: Server) -> float:
    began = time.perf_counter()
    await coda.start()
    await wait_until_ready(coda)
    return round(time.perf_counter() - began, 2)


async def _weigh(site: Site, name: str) -> None:
    """Memory after some seconds without work."""
    await asyncio.sleep(_IDLE_SECONDS)
    site.results.add(name, {program: round(size, 1) for program, size in pss_by_name(site.coda.pid).items()})


async def _first_tokens(site: Site) -> None:
    for streams, rounds in ((1, _ALONE), (100, _TOGETHER)):
        await site.both(f"first_token_{streams}", FIRST_TOKEN.model, streams=streams, rounds=rounds)


async def _streams(site: Site) -> None:
    for streams in STREAMS:
        await site.both(f"stream_{streams}", STREAM.model, streams=streams)
    await _weigh(site, "after_load_mb")


async def _finished(site: Site) -> None:
    for streams in FINISHED:
        await site.both(f"finished_{streams}", FIRST_TOKEN.model, streams=streams)


async def _posts(site: Site) -> None:
    site.results.add("posts_1", await site.on_coda(SHORT.model, posts=_POSTS))
    site.results.add(f"posts_{_LANES}", await site.on_coda(SHORT.model, posts=_POSTS, lanes=_LANES))


async def _chats(site: Site) -> None:
    """The same short answers in an empty chat and under megabytes of messages."""
    async with CodaApi(site.coda.url, token=await site.token()) as api:
        for name, exchanges in CHATS.items():
            [session_id] = await api.create_sessions(1)
            for _ in range(exchanges):
                asked = await api.ask(session_id, model=f"openai/{SHORT.model}", content="word " * (_MESSAGE_SIZE // 5))
                await api.wait_for_end(asked["run"]["id"])
            job = await site.on_coda(FIRST_TOKEN.model, rounds=_CHAT_ROUNDS, session_id=session_id)
            site.results.add(f"chat_{name}", job)


async def _replay(site: Site) -> None:
    """A finished run's stream of about a thousand events, from its beginning."""
    async with CodaApi(site.coda.url, token=await site.token()) as api:
        [session_id] = await api.create_sessions(1)
        asked = await api.ask(session_id, model=f"openai/{LONG.model}", content="Say much.")
        await api.wait_for_end(asked["run"]["id"])
    site.results.add("replay", await site.on_coda(LONG.model, replay=asked["run"]["id"], rounds=_REPLAYS))


async def _capacity(site: Site) -> None:
    """Thousands of sockets of some people, of which a part streams."""
    job = await site.on_coda(STREAM.model, streams=CROWD_STREAMS, idle=IDLE_SOCKETS, crowd=site.crowd)
    site.results.add("capacity", job)


async def _javascript(site: Site) -> None:
    site.results.add("javascript_kb", await asyncio.to_thread(kilobytes, ROOT / "frontend"))


PARTS: Final[Mapping[str, Callable[[Site], Awaitable[None]]]] = {
    "starts": _starts,
    "first_tokens": _first_tokens,
    "streams": _streams,
    "finished": _finished,
    "posts": _posts,
    "chats": _chats,
    "replay": _replay,
    "capacity": _capacity,
    "processes": measure_processes,
    "javascript": _javascript,
}
"""By the name under which a part can be run alone."""


async def _invite(coda: Server) -> tuple[str, ...]:
    async with CodaApi(coda.url) as api:
        await api.sign_in(email=EMAIL, password=PASSWORD)
        people = [f"person-{number}@example.com" for number in range(_PEOPLE)]
        return tuple([await api.invite(email=email, password=PASSWORD) for email in people])


async def measure(folder: Path, results: Results, parts: Collection[str]) -> None:
    """These parts, one after the other, on servers that run beside each other."""
    async with servers.upstream(folder) as upstream, servers.relay(folder, upstream_url=upstream.url) as relay:
        coda = servers.coda(folder, upstream_url=upstream.url, email=EMAIL, password=PASSWORD)
        try:
            results.add("cold_start_s", await _start(coda))
            site = Site(folder, upstream, relay, coda, results, await _invite(coda))
            for name in parts:
                await PARTS[name](site)
        finally:
            await coda.stop()
