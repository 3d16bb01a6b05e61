"""Traces: an id always, spans to a collector when one is configured."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coda.core.settings import Settings
from coda.observability import requests as requests_module
from coda.observability.logs import current_trace_id
from coda.observability.requests import RequestTracing
from coda.observability.tracing import build_tracing


class Collector:
    """An OTLP collector that keeps the names of the spans it was sent."""

    def __init__(self) -> None:
        self.spans: list[str] = []
        self.services: set[str] = set()

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            self.services |= {
                attribute.value.string_value
                for attribute in resource.resource.attributes
                if attribute.key == "service.name"
            }
            self.spans += [span.name for scope in resource.scope_spans for span in scope.spans]
        return web.Response()


@pytest.fixture
async def collector() -> AsyncIterator[tuple[Collector, str]]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield collector, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_spans_reach_the_configured_collector(collector: tuple[Collector, str]) -> None:
    received, address = collector
    tracing = build_tracing(Settings.model_validate({"otlp_endpoint": address}), service="coda-test")

    with tracing.provider.get_tracer("test").start_as_current_span("a piece of work"):
        pass
    await asyncio.to_thread(tracing.close)

    assert received.spans == ["a piece of work"]
    assert received.services == {"coda-test"}


async def test_without_a_collector_nothing_is_recorded_but_there_is_an_id() -> None:
    tracing = build_tracing(Settings())

    with tracing.provider.get_tracer("test").start_as_current_span("work") as span:
        assert not span.is_recording()
        outer = current_trace_id()
        with tracing.provider.get_tracer("test").start_as_current_span("inner"):
            assert current_trace_id() == outer
    assert outer is not None
    tracing.close()


class TestRequests:
    @pytest.fixture
    def spans(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
        exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        monkeypatch.setattr(requests_module, "_tracer", provider.get_tracer("test"))
        yield exporter
        provider.shutdown()

    @pytest.fixture
    async def client(self) -> AsyncIterator[AsyncClient]:
        app = FastAPI()

        @app.get("/api/v1/things/{name}")
        async def read(name: str) -> dict[str, str | None]:
            return {"name": name, "trace": format(trace.get_current_span().get_span_context().trace_id, "032x")}

        app.add_middleware(RequestTracing)
        async with AsyncClient(transport=ASGITransport(app), base_url="http://coda.test") as client:
            yield client

    async def test_have_a_span_named_after_their_route(self, client: AsyncClient, spans: InMemorySpanExporter) -> None:
        response = await client.get("/api/v1/things/secret-name?ticket=canary")

        (span,) = spans.get_finished_spans()
        assert span.name == "GET /api/v1/things/{name}"
        assert span.attributes is not None
        assert span.attributes["http.response.status_code"] == 200
        assert "canary" not in str(dict(span.attributes))
        assert response.headers["x-trace-id"] == response.json()["trace"]

    async def test_go_on_with_the_callers_trace(self, client: AsyncClient, spans: InMemorySpanExporter) -> None:
        theirs = "0af7651916cd43dd8448eb211c80319c"

        response = await client.get("/api/v1/things/x", headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})

        assert response.headers["x-trace-id"] == theirs
        assert len(spans.get_finished_spans()) == 1

    async def test_without_a_route_are_counted_together(self, client: AsyncClient, spans: InMemorySpanExporter) -> None:
        await client.get("/api/v1/whatever/comes")

        (span,) = spans.get_finished_spans()
        assert span.name == "GET unmatched"
