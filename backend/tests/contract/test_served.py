"""The public contract is exactly what is served: the documents say the same, and so do real answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import jsonschema_rs
import pytest
import yaml
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import text

from coda.access.roles import Role
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import PASSWORD, Caller, Town
from tests.contract.shapes import Document

SOCKET: Final = "GET /api/v1/ws"
"""OpenAPI does not know WebSockets: this one is in the contract only for its path."""

CONTRACT: Final = Document(
    yaml.safe_load((Path(__file__).parents[3] / "docs" / "api" / "contract.yaml").read_text(encoding="utf-8"))
)
PROMISED: Final = dict(CONTRACT.operations())


@pytest.fixture(scope="module")
def served(settings: Settings) -> Document:
    nowhere = "postgresql+asyncpg://nobody@/nowhere"
    app = create_app(settings, DatabaseUrls(owner=nowhere, app=nowhere, system=nowhere, direct=nowhere))
    return Document(app.openapi())


class TestDocuments:
    def test_the_same_operations(self, served: Document) -> None:
        assert set(dict(served.operations())) == set(PROMISED) - {SOCKET}

    def test_the_socket_is_served(self, app: FastAPI) -> None:
        assert app.url_path_for("open_socket") == "/api/v1/ws"

    @pytest.mark.parametrize("name", [name for name in PROMISED if name != SOCKET])
    def test_the_same_facts(self, served: Document, name: str) -> None:
        """Names, needs and kinds of parameters and fields; unknown fields refused; the statuses of all answers.

        Beyond /api there are other people's forms: only our answers are compared.
        """
        promised = CONTRACT.facts(PROMISED[name])
        found = served.facts(dict(served.operations())[name])
        if " /api/" not in name:
            promised, found = set(_answers(promised)), set(_answers(found))

        assert {"promised only": promised - found, "served only": found - promised} == {
            "promised only": set(),
            "served only": set(),
        }


def _answers(facts: set[str]) -> Iterator[str]:
    return (fact for fact in facts if fact.startswith(("-> 2", "operationId")))


@dataclass(frozen=True, slots=True)
class Visit:
    """Makes requests and holds every answer against the contract."""

    client: AsyncClient
    caller: Caller
    seen: set[str]

    async def __call__(self, name: str, body: Any = None, /, *, expect: int, **ids: str) -> Any:  # noqa: ANN401 - any JSON
        method, path = name.split(" ")
        answer = await self.client.request(method, path.format(**ids), json=body, headers=self.caller.headers)
        assert answer.status_code == expect, answer.text
        self.check(name.split("?")[0], answer)
        is_json = answer.content and answer.headers["content-type"] == "application/json"
        return answer.json() if is_json else answer.text

    def check(self, name: str, answer: Response) -> None:
        """Fail where the answer is not what the contract promises for this status."""
        self.seen.add(name)
        promised = CONTRACT.resolve(PROMISED[name]["responses"][str(answer.status_code)])
        media = answer.headers.get("content-type", "").split(";")[0] if answer.content else ""
        kinds = promised.get("content", {"": None})
        assert media in kinds or "*/*" in kinds, f"{name} -> {answer.status_code} {media}"
        if media == "application/json":
            schema = {**CONTRACT.content, **promised["content"][media]["schema"]}
            jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(answer.json())


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The operations of which an answer was looked at."""
    return set()


@pytest.fixture
async def visit(client: AsyncClient, town: Town, seen: set[str]) -> Visit:
    client.cookies.clear()
    return Visit(client, await town.settle(await town.found(), Role.ADMIN, is_operator=True), seen)


class TestAnswers:
    async def test_a_conversation(self, visit: Visit) -> None:
        session_id = (await visit("POST /api/v1/sessions", {}, expect=201))["id"]
        run_id = await _ask(visit, session_id, "What is 17.5 % of 2,340?")
        events = await visit("GET /api/v1/runs/{run_id}/events", expect=200, run_id=run_id)
        page = await visit("GET /api/v1/sessions/{session_id}/messages", expect=200, session_id=session_id)

        assert "RUN_FINISHED" in events
        assert {part["type"] for part in page["items"][1]["content"]} == {"reasoning", "tool_call", "text"}
        for name in ("GET /api/v1/runs/{run_id}", "GET /api/v1/runs/{run_id}/steps"):
            await visit(name, expect=200, run_id=run_id)
        await visit("GET /api/v1/runs/{run_id}/context", expect=200, run_id=run_id)
        await visit("POST /api/v1/runs/{run_id}/cancel", expect=202, run_id=run_id)
        await _control(visit, run_id)
        await visit("GET /api/v1/runs", expect=200)
        await _rate(visit, page["items"][1]["id"])

    async def test_a_session(self, visit: Visit) -> None:
        session = await visit("POST /api/v1/sessions", {"title": "A title"}, expect=201)
        here = {"session_id": session["id"]}

        await visit("GET /api/v1/sessions", expect=200)
        await visit("GET /api/v1/sessions/{session_id}", expect=200, **here)
        await visit("PATCH /api/v1/sessions/{session_id}", {"pinned": True}, expect=200, **here)
        await visit("GET /api/v1/sessions/{session_id}/tree", expect=200, **here)
        await visit("GET /api/v1/sessions/{session_id}/draft", expect=200, **here)
        await visit("PUT /api/v1/sessions/{session_id}/draft", {"text": "not yet"}, expect=200, **here)
        await visit("DELETE /api/v1/sessions/{session_id}", expect=204, **here)
        await visit("POST /api/v1/sessions/{session_id}/restore", expect=200, **here)

    async def test_files(self, visit: Visit) -> None:
        begun = await visit("POST /api/v1/files", {"name": "notes.txt", "size": 5}, expect=201)
        here = {"upload_id": begun["id"]}
        await visit("GET /api/v1/files/uploads/{upload_id}", expect=200, **here)
        put, path = "PUT /api/v1/files/uploads/{upload_id}", f"/api/v1/files/uploads/{begun['id']}"
        visit.check(put, await visit.client.put(path, content=b"hello", headers=visit.caller.headers))
        await visit("GET /api/v1/files", expect=200)
        one = {"file_id": begun["id"]}
        await visit("GET /api/v1/files/{file_id}", expect=200, **one)
        assert await visit("GET /api/v1/files/{file_id}/content", expect=200, **one) == "hello"
        whole = await visit.client.post("/api/v1/files", files={"file": b"whole"}, headers=visit.caller.headers)
        visit.check("POST /api/v1/files", whole)
        await visit("DELETE /api/v1/files/{file_id}", expect=204, **one)
        await visit("GET /api/v1/files/{file_id}", expect=410, **one)
        other = await visit("POST /api/v1/files", {"name": "notes.txt", "size": 5}, expect=201)
        await visit("DELETE /api/v1/files/uploads/{upload_id}", expect=204, upload_id=other["id"])

    async def test_errors(self, visit: Visit) -> None:
        nowhere = {"session_id": str(uuid4())}

        await visit("GET /api/v1/sessions/{session_id}", expect=404, **nowhere)
        await visit("GET /api/v1/sessions/{session_id}", expect=422, session_id="no-id")
        await visit("POST /api/v1/sessions", {"unknown": 1}, expect=422)
        await visit("POST /api/v1/sessions/{session_id}/runs", {"message": {"content": "?"}}, expect=404, **nowhere)
        await visit("GET /api/v1/runs/{run_id}", expect=404, run_id=str(uuid4()))

    async def test_a_stranger(self, visit: Visit) -> None:
        visit.caller.headers.clear()

        for name in ("GET /api/v1/me", "GET /api/v1/sessions", "GET /api/v1/runs", "GET /api/v1/models"):
            await visit(name, expect=401)
        await visit("GET /api/v1/auth/state", expect=200)
        new = {"token": "unknown", "email": "new@example.org", "password": PASSWORD}
        await visit("POST /api/v1/auth/setup", new, expect=404)
        await visit("POST /api/v1/auth/reset", {"token": "unknown", "password": PASSWORD}, expect=404)
        await visit("POST /api/v1/auth/login", {"email": "nobody@example.org", "password": "wrong"}, expect=401)

    async def test_the_caller(self, visit: Visit) -> None:
        await visit("GET /api/v1/me", expect=200)
        await visit("PATCH /api/v1/me", {"name": "Another"}, expect=200)
        await visit("GET /api/v1/me/logins", expect=200)
        await visit("POST /api/v1/ws-tickets", expect=201)
        key = await visit("POST /api/v1/api-keys", {"name": "a key"}, expect=201)
        await visit("GET /api/v1/api-keys", expect=200)
        await visit("DELETE /api/v1/api-keys/{key_id}", expect=204, key_id=key["id"])

    async def test_a_login(self, visit: Visit) -> None:
        changed = {"current_password": PASSWORD, "new_password": f"{PASSWORD}!"}
        await visit("POST /api/v1/me/password", changed, expect=204)
        login = {"email": visit.caller.email, "password": f"{PASSWORD}!"}
        await visit("POST /api/v1/auth/login", login, expect=200)
        await visit("POST /api/v1/auth/refresh", {}, expect=200)
        logins = await visit("GET /api/v1/me/logins", expect=200)
        other = next(login["id"] for login in logins["items"] if not login["current"])
        await visit("DELETE /api/v1/me/logins/{login_id}", expect=204, login_id=other)
        await visit("POST /api/v1/auth/logout", expect=204)

    async def test_an_organization(self, visit: Visit) -> None:
        await visit("GET /api/v1/people", expect=200)
        invited = {"email": f"{uuid4().hex}@example.org", "role": "member"}
        invite = await visit("POST /api/v1/people/invites", invited, expect=201)
        await visit("GET /api/v1/people/invites", expect=200)
        other = {"email": f"{uuid4().hex}@example.org", "role": "viewer"}
        taken_back = await visit("POST /api/v1/people/invites", other, expect=201)
        await visit("DELETE /api/v1/people/invites/{invite_id}", expect=204, invite_id=taken_back["id"])
        token = invite["link"].rsplit("/", 1)[-1].split("=")[-1]
        await visit("GET /api/v1/auth/links/{token}", expect=200, token=token)
        joined = {"token": token, "name": "New", "password": PASSWORD}
        person = await visit("POST /api/v1/auth/invite", joined, expect=201)
        user_id = person["user"]["id"]
        await visit("PATCH /api/v1/people/{user_id}", {"status": "suspended"}, expect=200, user_id=user_id)
        await visit("GET /api/v1/organization/settings", expect=200)
        await visit("PATCH /api/v1/organization/settings", {"default_model": "demo/coda"}, expect=200)

    async def test_models_and_tools(self, visit: Visit) -> None:
        for name in ("GET /api/v1/models", "GET /api/v1/tools", "GET /api/v1/connections", "GET /v1/models"):
            await visit(name, expect=200)
        await visit(
            "PATCH /api/v1/tools/{name}", {"enabled": False, "for": "organization"}, expect=200, name="optimize"
        )
        nowhere = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "api_key": "sk-none-0000"}
        await visit("POST /api/v1/connections/test", nowhere, expect=200)
        made = await visit("POST /api/v1/connections", {**nowhere, "name": "Mine"}, expect=201)
        one = {"connection_id": made["id"]}
        await visit("PATCH /api/v1/connections/{connection_id}", {"name": "Still mine"}, expect=200, **one)
        await visit("POST /api/v1/connections/{connection_id}/test", expect=200, **one)
        await visit("DELETE /api/v1/connections/{connection_id}", expect=204, **one)
        asked = {"model": "demo/coda", "messages": [{"role": "user", "content": "Hello"}]}
        await visit("POST /v1/chat/completions", asked, expect=200)
        await visit("GET /v1/models/{model_id}", expect=200, model_id="demo/coda")

    async def test_tool_sources(self, visit: Visit) -> None:
        box: dict[str, Any] = {"name": "A box", "url": "http://127.0.0.1:9/mcp", "for": "organization"}
        await visit("POST /api/v1/tool-sources/test", box, expect=200)
        source = {"source_id": (await visit("POST /api/v1/tool-sources", box, expect=201))["id"]}
        await visit("GET /api/v1/tool-sources", expect=200)
        await visit("GET /api/v1/tool-sources/{source_id}", expect=200, **source)
        await visit("GET /api/v1/tool-sources/{source_id}/log", expect=200, **source)
        await visit("PATCH /api/v1/tool-sources/{source_id}", {"enabled": False}, expect=200, **source)
        await visit("POST /api/v1/tool-sources/{source_id}/refresh", expect=200, **source)
        await visit("DELETE /api/v1/tool-sources/{source_id}", expect=204, **source)

    async def test_ag_ui(self, visit: Visit) -> None:
        message = {"id": "1", "role": "user", "content": "What is 3 + 4?"}
        given = {"threadId": "t", "runId": "r", "messages": [message], "forwardedProps": {"model": "demo/coda"}}
        assert "RUN_FINISHED" in await visit("POST /ag-ui", given, expect=200)
        await visit("POST /ag-ui", {**given, "runId": "other", "messages": []}, expect=422)

    async def test_responses(self, visit: Visit) -> None:
        made = await visit("POST /v1/responses", {"model": "demo/coda", "input": "Hello"}, expect=200)
        for name in ("GET /v1/responses/{response_id}", "GET /v1/responses/{response_id}/input_items"):
            await visit(name, expect=200, response_id=made["id"])
        await visit("POST /v1/responses/input_tokens", {"model": "demo/coda", "input": "Hello"}, expect=200)
        asked = {"model": "coda-agent/demo/coda", "input": "Hello", "background": True}
        begun = await visit("POST /v1/responses", asked, expect=200)
        await visit("POST /v1/responses/{response_id}/cancel", expect=200, response_id=begun["id"])
        await visit("POST /v1/responses/{response_id}/cancel", expect=400, response_id=made["id"])
        await visit("DELETE /v1/responses/{response_id}", expect=200, response_id=made["id"])
        await visit("GET /v1/responses/{response_id}", expect=404, response_id=made["id"])

    async def test_the_house(self, visit: Visit) -> None:
        for name in ("GET /healthz", "GET /readyz", "GET /metrics", "GET /docs"):
            await visit(name, expect=200)

    async def test_operations(self, visit: Visit, app: FastAPI) -> None:
        await visit("GET /api/v1/admin/overview", expect=200)
        made = "insert into jobs (priority, status, entrypoint) values (0, 'failed', 'reaper') returning id"
        async with app.state.database.transaction(None) as db:
            job_id = await db.scalar(text(made))
        await visit("GET /api/v1/admin/jobs", expect=200)
        await visit("POST /api/v1/admin/jobs/{job_id}/retry", expect=202, job_id=job_id)

    async def test_nothing_was_left_out(self, seen: set[str]) -> None:
        assert set(PROMISED) - {SOCKET} == seen


async def _ask(visit: Visit, session_id: str, question: str) -> str:
    body = {"message": {"content": question}, "model": "demo/coda"}
    accepted = await visit("POST /api/v1/sessions/{session_id}/runs", body, expect=202, session_id=session_id)
    return str(accepted["run"]["id"])


async def _control(visit: Visit, run_id: str) -> None:
    """Commands to a run that is over."""
    decisions = {"decisions": [{"tool_call_id": str(uuid4()), "decision": "reject", "reason": "no"}]}
    bodies = {"pause": None, "resume": None, "continue": None, "steer": {"content": "faster"}, "approvals": decisions}
    for command, body in bodies.items():
        await visit(f"POST /api/v1/runs/{{run_id}}/{command}", body, expect=409, run_id=run_id)
    await visit("PATCH /api/v1/runs/{run_id}", {"content": "Another question"}, expect=409, run_id=run_id)
    await visit("DELETE /api/v1/runs/{run_id}", expect=409, run_id=run_id)


async def _rate(visit: Visit, message_id: str) -> None:
    name = "PUT /api/v1/messages/{message_id}/feedback"
    await visit(name, {"rating": "up", "reason": "correct"}, expect=200, message_id=message_id)
    await visit(name, {"rating": None}, expect=200, message_id=message_id)
