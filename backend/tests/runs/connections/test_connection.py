"""Who may open a socket, what may be said on it, and why it is closed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from coda.access.quotas import Quotas
from coda.core.clock import now
from coda.core.ids import new_id
from coda.core.request_limits import MemoryRequestLimits
from coda.core.security import hash_opaque_token
from coda.core.settings import RateLimitSettings
from coda.identity.models import Login, WsTicket
from coda.organizations.models import Membership
from tests.runs.conftest import Person, new_person
from tests.runs.site import LIMITS, Site


async def ticket_of(site: Site, person: Person, *, lifetime: timedelta = timedelta(seconds=30)) -> str:
    _, login_id = await site.sign_in(person)
    ticket = f"ticket-{new_id()}"
    async with site.process.database.transaction(person.scope) as db:
        db.add(
            WsTicket(
                hash=hash_opaque_token(ticket),
                user_id=person.principal.user_id,
                org_id=person.principal.org_id,
                login_id=login_id,
                expires_at=now() + lifetime,
            )
        )
    return ticket


class TestOpening:
    async def test_a_ticket_opens_one_socket(self, site: Site, person: Person) -> None:
        ticket = await ticket_of(site, person)

        async with site.line(query=f"?ticket={ticket}") as line:
            assert (await line.ask("ping", ref="1")) == {"op": "pong", "ref": "1"}
        async with site.line(query=f"?ticket={ticket}") as line:
            assert await line.close_code() == 4401

    async def test_a_late_ticket_opens_none(self, site: Site, person: Person) -> None:
        ticket = await ticket_of(site, person, lifetime=timedelta(seconds=-1))

        async with site.line(query=f"?ticket={ticket}") as line:
            assert await line.close_code() == 4401

    async def test_a_bearer_token_opens_one(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            assert (await line.ask("ping"))["op"] == "pong"

    @pytest.mark.parametrize("token", [None, "nonsense", "sk-coda-nonsense"])
    async def test_nobody_else_comes_in(self, site: Site, token: str | None) -> None:
        async with site.line(token=token) as line:
            assert await line.close_code() == 4401

    async def test_a_foreign_page_is_refused(self, site: Site, person: Person) -> None:
        async with site.line(person, origin="https://evil.example") as line:
            assert await line.close_code() == 4403

    async def test_our_own_page_comes_in(self, site: Site, person: Person) -> None:
        async with site.line(person, origin=f"http://{site.address}") as line:
            assert (await line.ask("ping"))["op"] == "pong"

    async def test_one_person_has_so_many_at_most(self, site: Site, person: Person) -> None:
        token, _ = await site.sign_in(person)
        lines = [site.line(token=token) for _ in range(LIMITS.sockets_per_user)]
        for opened in lines:
            await (await opened.__aenter__()).ask("ping")

        async with site.line(token=token) as line:
            assert await line.close_code() == 4429
        async with site.line(await new_person(site.process.database)) as line:
            assert (await line.ask("ping"))["op"] == "pong"
        for opened in lines:
            await opened.__aexit__(None, None, None)


class TestFrames:
    @pytest.mark.parametrize(
        "text",
        [
            "no json",
            "[]",
            '"start"',
            "{}",
            '{"op":"dance","ref":"1"}',
            '{"op":["ping"],"ref":"1"}',
            '{"op":"ping"}',
            '{"op":"ping","ref":1}',
            '{"op":"ping","ref":"' + "x" * 200 + '"}',
            '{"op":"ping","ref":"' + "x" * LIMITS.frame_characters + '"}',
        ],
    )
    async def test_what_cannot_be_understood_ends_the_socket(self, site: Site, person: Person, text: str) -> None:
        async with site.line(person) as line:
            await line.connection.send(text)
            assert await line.close_code() == 4400

    async def test_binary_ends_the_socket(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            await line.connection.send(b'{"op":"ping","ref":"1"}')
            assert await line.close_code() == 4400

    async def test_too_many_frames_end_the_socket(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            for _ in range(LIMITS.frames_at_once + 60):
                await line.say("ping")
            assert await line.close_code() == 4429

    async def test_wrong_fields_are_answered(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            for op, more in (
                ("attach", {}),
                ("attach", {"run_id": "x"}),
                ("attach", {"run_id": new_id(), "after": -1}),
                ("attach", {"run_id": new_id(), "extra": 1}),
                ("start", {"session_id": new_id()}),
                ("start", {"session_id": new_id(), "message": {"content": "hi"}, "user_id": new_id()}),
            ):
                reply = await line.ask(op, **more)
                assert reply["op"] == "error"
                assert reply["error"]["code"] == "core.invalid_request"
                assert reply["error"]["details"]["fields"]
            assert (await line.ask("ping"))["op"] == "pong"

    async def test_what_is_not_there_is_answered(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            for op in ("attach", "detach", "cancel", "pause", "resume"):
                reply = await line.ask(op, run_id=new_id())
                assert reply["error"]["code"] == "runs.not_found"
            reply = await line.ask("steer", run_id=new_id(), content="faster")
            assert reply["error"]["code"] == "runs.not_found"
            decisions = [{"tool_call_id": new_id(), "decision": "approve"}]
            reply = await line.ask("approve", run_id=new_id(), decisions=decisions)
            assert reply["error"]["code"] == "runs.not_found"
            reply = await line.ask("start", session_id=new_id(), message={"content": "hi"})
            assert reply["error"]["code"] == "conversations.session_not_found"


class TestRights:
    async def test_a_login_that_ended_ends_its_sockets(self, site: Site, person: Person) -> None:
        token, login_id = await site.sign_in(person)
        async with site.line(person) as other, site.line(token=token) as line:
            await line.ask("ping")
            async with site.process.database.transaction(person.scope) as db:
                await db.execute(update(Login).where(Login.id == login_id).values(ended_at=now()))

            assert await line.close_code() == 4401
            assert (await other.ask("ping"))["op"] == "pong"

    async def test_a_viewer_may_follow_and_not_ask(self, site: Site, person: Person) -> None:
        session_id = await person.new_session()
        async with site.line(person) as line:
            await line.ask("ping")
            async with site.process.database.transaction(person.scope) as db:
                await db.execute(update(Membership).values(role="viewer"))

            reply = await line.ask("start", session_id=session_id, message={"content": "hi"})
            assert reply["error"]["code"] == "organizations.read_only"
            assert (await line.ask("cancel", run_id=new_id()))["error"]["code"] == "organizations.read_only"
            assert (await line.ask("attach", run_id=new_id()))["error"]["code"] == "runs.not_found"


class TestQuotas:
    async def test_commands_are_counted_and_refused_with_a_time(self, site: Site, person: Person) -> None:
        few = Quotas(MemoryRequestLimits(), RateLimitSettings(requests_per_person=3))
        services = site.app.state.sockets
        site.app.state.sockets = replace(services, quotas=few)
        try:
            async with site.line(person) as line:
                replies = [await line.ask("attach", run_id=str(new_id())) for _ in range(3)]
                assert (await line.ask("ping"))["op"] == "pong"
            async with site.line(person) as another:
                assert await another.close_code() == 4429
        finally:
            site.app.state.sockets = services

        assert [reply["error"]["code"] for reply in replies] == ["runs.not_found"] * 2 + ["core.rate_limited"]
        assert 0 < replies[-1]["error"]["details"]["retry_after"] <= 61
