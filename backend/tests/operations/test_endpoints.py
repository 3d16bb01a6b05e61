"""Health, readiness, metrics and the interface's page."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.operations.api_docs import render_page
from coda.operations.api_docs.shapes import note_html, type_html
from coda.operations.readiness import ReadinessProbe
from tests.operations.conftest import MakeApp, client_of

NOWHERE = "postgresql+asyncpg://x:y@127.0.0.1:1/z"


async def worker_shows_itself(database: Database) -> None:
    async with database.transaction(None) as db:
        await db.execute(
            text("insert into workers (id, host, pid, version) values (:id, 'a-host', 1, '0')"), {"id": uuid4()}
        )


class TestHealth:
    async def test_says_that_the_process_lives(self, client: AsyncClient) -> None:
        response = await client.get("/healthz")

        assert (response.status_code, response.json()) == (200, {"status": "ok"})


class TestReadiness:
    async def test_is_there_with_database_hub_and_worker(self, client: AsyncClient, database: Database) -> None:
        await worker_shows_itself(database)

        response = await client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["status"] == "ready"
        assert response.json()["checks"] == {
            name: {"ok": True, "detail": None} for name in ("database", "hub", "worker")
        }
        assert response.json()["version"]

    async def test_names_the_missing_worker_and_serves_all_the_same(
        self, make_app: MakeApp, fresh_database: Database
    ) -> None:
        async with client_of(make_app(of=fresh_database)) as client:
            response = await client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["status"] == "degraded"
        assert "coda worker" in response.json()["checks"]["worker"]["detail"]
        assert response.json()["checks"]["database"]["ok"] is True

    async def test_tells_of_a_database_that_is_away_within_seconds(self, make_app: MakeApp) -> None:
        away = Database(DatabaseUrls(owner=NOWHERE, app=NOWHERE, system=NOWHERE, direct=NOWHERE))
        async with client_of(make_app(of=away)) as client, asyncio.timeout(30):
            response = await client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["status"] == "not_ready"
        assert response.json()["checks"]["database"] == {"ok": False, "detail": "not reachable"}
        await away.close()

    async def test_says_that_the_process_drains_without_asking_anybody(self, make_app: MakeApp) -> None:
        away = Database(DatabaseUrls(owner=NOWHERE, app=NOWHERE, system=NOWHERE, direct=NOWHERE))
        async with client_of(make_app(of=away, is_draining=True)) as client:
            ready, alive = await client.get("/readyz"), await client.get("/healthz")

        assert (ready.status_code, ready.json()["status"], ready.json()["checks"]) == (503, "draining", {})
        assert alive.status_code == 200
        await away.close()

    async def test_asks_once_for_probes_that_come_together(self, database: Database) -> None:
        asked = 0

        async def is_hub_well() -> bool:
            nonlocal asked
            asked += 1
            return True

        probe = ReadinessProbe(database, is_hub_well=is_hub_well)
        reports = await asyncio.gather(*(probe.ask() for _ in range(20)))

        assert all(report.is_ready for report in reports)
        assert asked == 1


class TestMetrics:
    async def test_are_served_on_loopback(self, client: AsyncClient) -> None:
        await client.get("/healthz")

        response = await client.get("/metrics")

        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/plain")
        for name in ("coda_queue_oldest_seconds", "coda_runs_total", "coda_run_first_token_seconds", "http_requests"):
            assert name in response.text

    async def test_are_refused_elsewhere(self, make_app: MakeApp) -> None:
        async with client_of(make_app(), address="192.0.2.9") as client:
            response = await client.get("/metrics")

        assert response.status_code == 403
        assert response.json()["error"]["code"] == "operations.metrics_forbidden"

    async def test_are_refused_to_a_proxy_on_this_machine_that_speaks_for_somebody(self, client: AsyncClient) -> None:
        response = await client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.9"})

        assert response.status_code == 403

    async def test_are_refused_to_a_page_that_was_bent_to_this_machine(self, make_app: MakeApp) -> None:
        async with client_of(make_app(), base_url="http://evil.example") as client:
            assert (await client.get("/metrics")).status_code == 403

    async def test_are_served_to_whoever_has_the_token(self, make_app: MakeApp) -> None:
        async with client_of(make_app(metrics_token="a-token"), address="192.0.2.9") as client:
            refused = await client.get("/metrics", headers={"Authorization": "Bearer another"})
            served = await client.get("/metrics", headers={"Authorization": "Bearer a-token"})

        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "operations.metrics_token_wrong"
        assert served.status_code == 200

    async def test_come_without_a_database_too(self, make_app: MakeApp) -> None:
        away = Database(DatabaseUrls(owner=NOWHERE, app=NOWHERE, system=NOWHERE, direct=NOWHERE))
        async with client_of(make_app(of=away)) as client:
            assert (await client.get("/metrics")).status_code == 200
        await away.close()


class TestDocs:
    async def test_are_a_page_of_our_own_under_the_strict_policy(self, client: AsyncClient) -> None:
        response = await client.get("/docs")
        style = await client.get("/docs/style.css")

        assert response.status_code == 200
        assert "<script" not in response.text
        assert "style=" not in response.text
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert style.headers["content-type"].startswith("text/css")

    async def test_name_every_route_and_type(self, client: AsyncClient) -> None:
        response = await client.get("/docs")

        assert '<article id="read_readiness">' in response.text
        assert "<code>/readyz</code>" in response.text
        assert '<a href="#type-Readiness">Readiness</a>' in response.text
        assert '<article id="type-PartReadiness">' in response.text

    def test_text_from_the_document_is_text(self) -> None:
        operation = {"description": "<script>alert(1)</script> `next_cursor`", "tags": ["<b>"], "responses": {}}
        page = render_page({"info": {"title": "<i>", "version": "1"}, "paths": {"/x": {"get": operation}}})

        assert "&lt;script&gt;alert(1)&lt;/script&gt; <code>next_cursor</code>" in page
        assert "<script" not in page
        assert "<b>" not in page
        assert "<i>" not in page

    @pytest.mark.parametrize(
        ("schema", "shown"),
        [
            ({"type": "string", "format": "uuid"}, "string (uuid)"),
            ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer | null"),
            ({"type": "array", "items": {"$ref": "#/components/schemas/Run"}}, '<a href="#type-Run">Run</a>[]'),
            ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
            ({"enum": ["a", "b"]}, "<q>a</q> | <q>b</q>"),
            ({"const": "text"}, "<q>text</q>"),
            ({"allOf": [{"type": "object"}, {}]}, "object &amp; any"),
        ],
    )
    def test_types_are_put_in_words(self, schema: dict[str, Any], shown: str) -> None:
        assert type_html(schema) == shown

    def test_limits_are_put_in_words(self) -> None:
        schema = {"type": "integer", "minimum": 1, "maximum": 200, "default": 50, "description": "How many."}

        assert note_html(schema) == "How many. Default: 50. From 1, up to 200."
