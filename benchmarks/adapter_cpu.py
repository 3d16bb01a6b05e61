"""CPU per streamed chunk of the OpenAI wire: raw adapter, and with everything that the gateway puts around it.

Paced streams, many at once, from a separate process, so that each chunk is one read: the honest case.
Run: PYTHONPATH=backend python benchmarks/adapter_cpu.py [--streams 100] [--tokens 200] [--delay-ms 50]
"""

import argparse
import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.synchronize import Event

import orjson
import structlog
import uvloop
from aiohttp import ClientSession, TCPConnector

from coda.core.breaker import Breaker
from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.retry_budget import RetryBudget
from coda.llm.types import ChatAdapter, ChatMessage, ChatRequest, MeteredUsage
from coda.llm.wrappers.breaking import Breaking
from coda.llm.wrappers.metering import ModelCall
from coda.llm.wrappers.observing import CallTarget, Observing
from coda.llm.wrappers.retrying import Retrying
from tests.simulators.faults import FaultServer


def serve(address: "multiprocessing.Queue[str]", stop: Event) -> None:
    """The simulated provider, in a process of its own."""

    async def run() -> None:
        async with FaultServer() as server:
            address.put(server.url)
            await asyncio.to_thread(stop.wait)

    uvloop.run(run())


async def bare(session: ClientSession, url: str, model: str) -> int:
    """The floor: read lines and parse JSON, as the bare relay does."""
    count = 0
    async with session.post(url, json={"model": model, "stream": True, "messages": []}) as answer:
        async for line in answer.content:
            if line.startswith(b"data: {"):
                choices = orjson.loads(line[6:])["choices"]
                count += bool(choices and choices[0]["delta"].get("content"))
    return count


async def through(adapter: ChatAdapter, model: str) -> int:
    """Deltas with text that come through."""
    count = 0
    async for delta in adapter.stream(ChatRequest(model, [ChatMessage.of("user", "Say something.")])):
        count += bool(delta.text)
    return count


async def metered(adapter: ChatAdapter, model: str) -> int:
    """The same through the metered call that callers get."""
    request = ChatRequest(model, [ChatMessage.of("user", "Say something.")])
    count = 0
    call = ModelCall(adapter, request, lambda usage: MeteredUsage(usage, None, "computed", "p", "m", "h", None))
    async for delta in call:
        count += bool(delta.text)
    return count


async def measure(url: str, options: argparse.Namespace) -> None:
    """Print one line per way."""
    model = f"paced-n{options.tokens}-d{options.delay_ms}"
    settings, http = LlmSettings(), OutboundHttp()
    wire = OpenAIWire(http, Endpoint(f"{url}/v1/chat/completions"), settings)
    wrapped = Retrying(
        Observing(Breaking(wire, Breaker()), CallTarget("p", "openai", "h")), max_tries=3, budget=RetryBudget()
    )
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        ways: dict[str, Callable[[], Awaitable[int]]] = {
            "bare aiohttp lines + orjson": lambda: bare(session, f"{url}/v1/chat/completions", model),
            "openai_wire": lambda: through(wire, model),
            "openai_wire + gateway wrappers": lambda: metered(wrapped, model),
        }
        for name, ask in ways.items():
            await ask()
            started, wall = time.process_time(), time.perf_counter()
            counts = await asyncio.gather(*(ask() for _ in range(options.streams)))
            spent, elapsed = time.process_time() - started, time.perf_counter() - wall
            figure = f"{spent / sum(counts) * 1e6:6.1f} us/chunk"
            sys.stdout.write(f"{name:32} {figure}  {sum(counts)} chunks in {elapsed:.1f} s\n")
    await http.close()


def main() -> None:
    """Start the provider, measure, stop it."""
    parser = argparse.ArgumentParser()
    for name, default in (("--streams", 100), ("--tokens", 200), ("--delay-ms", 50)):
        parser.add_argument(name, type=int, default=default)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    address: multiprocessing.Queue[str] = multiprocessing.Queue()
    stop = multiprocessing.Event()
    provider = multiprocessing.Process(target=serve, args=(address, stop))
    provider.start()
    try:
        uvloop.run(measure(address.get(timeout=20), options))
    finally:
        stop.set()
        provider.join(10)


if __name__ == "__main__":
    main()
