"""Commands as sources: who may add them, what is kept and shown of them, and that only workers start them."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from coda.core.db import Database
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.tools.sources.started.commands import servers_of
from coda.tools.sources.started.errors import ServersSettingInvalid
from coda.tools.sources.started.named import NamedServers
from tests.tools.mcp.stdio.conftest import SECRET
from tests.tools.sources.conftest import Panel, body_of, refusal
from tests.tools.sources.started.conftest import added, command, wanted

Panels = dict[str, Panel]


async def soon(is_so: Callable[[], Awaitable[bool]]) -> bool:
    ends = monotonic() + 30
    while not await is_so():
        if monotonic() > ends:
            return False
        await asyncio.sleep(0.05)
    return True


class TestAdding:
    @pytest.mark.parametrize("name", ["admin", "member", "stranger"])
    @pytest.mark.parametrize("owner", ["me", "organization", "instance"])
    async def test_only_operators_may(self, panels: Panels, name: str, owner: str) -> None:
        for path in ("", "/test"):
            response = await panels[name].send("POST", path, **wanted(owner=owner))

            assert refusal(response) == (403, "organizations.operators_only")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"owner": "me"}, "for"),
            ({"owner": "organization"}, "for"),
            ({"url": "https://tickets.example.org"}, "url"),
            ({"stdio": None}, "stdio"),
            ({"kind": "mcp", "url": "https://tickets.example.org"}, "url"),
            ({"stdio": command(secrets={"TOKEN": None})}, "stdio"),
            ({"stdio": command(secrets={"TOKEN": SECRET}, env={"TOKEN": "x"})}, "stdio"),
        ],
    )
    async def test_what_cannot_be_one_is_refused(self, panels: Panels, change: dict[str, Any], field: str) -> None:
        response = await panels["boss"].send("POST", **wanted() | change)

        assert refusal(response) == (422, "tools.source_invalid")
        assert response.json()["error"]["details"]["field"] == field

    @pytest.mark.parametrize("program", ["", "../sh", "a/b", "sh\0"])
    async def test_a_command_is_a_name_or_a_full_path(self, panels: Panels, program: str) -> None:
        response = await panels["boss"].send("POST", **wanted() | {"stdio": {"command": program}})

        assert response.status_code == 422

    async def test_it_is_listed_at_once_and_its_tools_are_everybodys(self, panels: Panels) -> None:
        source = await added(panels["boss"])

        assert (source["health"]["status"], [tool["name"] for tool in source["tools"]]) == ("up", ["go"])
        assert source["stdio"]["command"] == command()["command"]
        assert "the-box__go" in await panels["stranger"].tools()
        seen = (await panels["member"].listed())[source["id"]]
        assert (seen["stdio"], seen["can_change"]) == (None, False)

    async def test_one_that_does_not_start_is_kept_and_says_why(self, panels: Panels) -> None:
        source = await added(panels["boss"], "exits")

        assert source["health"]["code"] == "tools.server_ended"
        assert source["health"]["error"] == "exit code 7: cannot find my socks"


class TestTrying:
    async def test_tells_what_it_has_and_what_it_wrote(self, panels: Panels) -> None:
        fine = body_of(await panels["boss"].send("POST", "/test", **wanted()))
        ended = body_of(await panels["boss"].send("POST", "/test", **wanted("exits")))

        assert [tool["name"] for tool in fine["tools"]] == ["go"]
        assert ended["error"]["code"] == "tools.server_ended"
        assert "cannot find my socks" in ended["log"]

    async def test_nothing_is_left_of_a_trial(self, panels: Panels, app: FastAPI, database: Database) -> None:
        seats = app.state.tool_sources.kinds["mcp_stdio"].children.seats
        before = set(seats)
        await panels["boss"].send("POST", "/test", **wanted(secrets={"TOKEN": SECRET}))
        async with database.transaction(Scope(INSTANCE_ORG, System())) as db:
            left = (await db.connection()).exec_driver_sql
            count = (await left("select count(*) from tool_source_trials")).scalar()

        assert count == 0
        assert seats.keys() <= before


class TestChanging:
    async def test_secrets_stay_until_the_command_is_another(self, panels: Panels) -> None:
        boss = panels["boss"]
        source = await added(boss, secrets={"TOKEN": SECRET, "OTHER": "short"})
        assert source["stdio"]["secrets"] == {"TOKEN": "…ngth", "OTHER": None}
        kept = {"TOKEN": None}
        changed = await boss.change(source, stdio=command(secrets=kept, call_seconds=7))
        response = await boss.send("PATCH", f"/{source['id']}", stdio=command("junk", secrets=kept))

        assert changed["stdio"]["secrets"] == {"TOKEN": "…ngth"}
        assert changed["stdio"]["call_seconds"] == 7
        assert refusal(response) == (422, "tools.command_secrets_needed")
        assert SECRET not in str(await boss.listed())

    async def test_an_address_is_no_command(self, panels: Panels) -> None:
        source = await added(panels["boss"])
        response = await panels["boss"].send("PATCH", f"/{source['id']}", url="https://tickets.example.org")

        assert refusal(response) == (422, "tools.source_invalid")

    async def test_a_server_whose_source_is_removed_ends(self, panels: Panels, app: FastAPI) -> None:
        source = await added(panels["boss"])
        seats = app.state.tool_sources.kinds["mcp_stdio"].children.seats
        assert any(str(source_id) == source["id"] for source_id in seats)
        await panels["boss"].send("DELETE", f"/{source['id']}")

        async def is_gone() -> bool:
            return not any(str(source_id) == source["id"] for source_id in seats)

        assert await soon(is_gone)


class TestWatching:
    async def test_state_and_log_are_shown_to_operators(self, panels: Panels) -> None:
        boss = panels["boss"]
        source = await added(boss, "shouts", secrets={"TOKEN": SECRET})

        async def is_idle() -> bool:
            return bool((await boss.listed())[source["id"]]["process"] == "idle")

        assert await soon(is_idle)
        log = body_of(await boss.send("GET", f"/{source['id']}/log"))

        assert log["items"][0]["text"] == "[starting]"
        assert refusal(await panels["admin"].send("GET", f"/{source['id']}/log")) == (
            403,
            "organizations.operators_only",
        )


class TestSetting:
    @pytest.mark.parametrize("text", ["no json", "[]", '{"a": {}}', '{"a": {"command": "sh", "shell": true}}'])
    def test_one_that_cannot_be_read_is_refused_without_what_is_in_it(self, text: str) -> None:
        with pytest.raises(ServersSettingInvalid) as failure:
            servers_of(SecretStr(text))

        assert 'shell": true' not in failure.value.message

    async def test_what_it_names_is_added_changed_and_removed(self, panels: Panels, app: FastAPI) -> None:
        boss, services = panels["boss"], app.state.tool_sources
        text = '{"box of the setting": {"command": "%s", "args": ["%s", "well"], "env": {"TOKEN": "%s"}}}'
        named = servers_of(SecretStr(text % (command()["command"], command()["args"][0], SECRET)))
        settling = NamedServers(app.state.database, services, services.seal, named)
        await settling.settle()
        await settling.settle()
        sources = (await boss.listed()).values()
        source = next(each for each in sources if each["name"] == "box of the setting")
        refused = await boss.send("DELETE", f"/{source['id']}")
        await NamedServers(app.state.database, services, services.seal, {}).settle()

        assert source["stdio"]["is_fixed"]
        assert source["stdio"]["secrets"] == {"TOKEN": "…ngth"}
        assert refusal(refused) == (409, "tools.source_named_by_setting")
        assert source["id"] not in await boss.listed()
