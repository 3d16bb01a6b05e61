"""A person's chats as resources, prompts over them, and what their arguments are completed to."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import EmbeddedResource, PromptReference, ResourceTemplateReference, TextContent, TextResourceContents

from coda.access.key_scopes import KeyScope
from coda.access.roles import Role
from coda.conversations.models import ChatSession
from coda.conversations.parts import text_part, tool_call_part
from coda.conversations.schemas import ChatSessionPatch
from coda.conversations.types import NewMessage
from coda.conversations.wiring import session_service, turns
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Person, Scope
from tests.callers import Caller, Town
from tests.gateways.mcp_server.conftest import Connect

NOBODYS = "00000000-0000-7000-8000-00000000abcd"
"""An id that nothing has."""

MANY = 1_000
Said = list[tuple[Any, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
async def reader(town: Town) -> Caller:
    """A key that may only read."""
    return await town.key(await town.settle(await town.found(), Role.MEMBER), scopes=[KeyScope.READ])


@pytest.fixture(scope="module")
async def chat_id(database: Database, town: Town, reader: Caller) -> UUID:
    """A chat of the reader's with a question, an answer with a call, and long ones behind them."""
    called = tool_call_part(new_id(), "calculator") | {"arguments": {"expression": "2+2"}, "result": {"value": "4"}}
    said: Said = [
        ("user", [text_part("When is high water?")]),
        ("assistant", [called, text_part("At four.")]),
        *(
            ("user" if number % 2 == 0 else "assistant", [text_part(f"{number} " + "é" * 50_000)])
            for number in range(10)
        ),
        ("user", [text_part("And the last one?")]),
    ]
    chat_id = new_id()
    await tell(database, town, reader, chat_id, "Tides", said)
    return chat_id


async def tell(database: Database, town: Town, caller: Caller, chat_id: UUID, title: str | None, said: Said) -> None:
    """A chat of somebody's in which this is said."""
    principal = caller.principal
    owner = Scope(principal.org_id, Person(principal.user_id))
    await town.add(owner, ChatSession(org_id=principal.org_id, id=chat_id, owner_id=principal.user_id, title=title))
    async with database.transaction(owner) as db:
        parent = None
        for role, parts in said:
            message = NewMessage(new_id(), role, parts, "complete", model="demo/coda" if role == "assistant" else None)
            parent = await turns(db, owner).add(chat_id, message, parent=parent)
        assert parent is not None
        await session_service(db, owner).change(chat_id, ChatSessionPatch(active_leaf_id=parent.id))


async def read(client: Client, uri: str) -> str:
    (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)
    return contents.text


class TestResources:
    async def test_a_thousand_are_listed_page_by_page(self, connect: Connect, town: Town) -> None:
        owner = await town.settle(await town.found(), Role.MEMBER)
        principal = owner.principal
        rows = [
            ChatSession(org_id=principal.org_id, id=new_id(), owner_id=principal.user_id, title=f"Chat {number}")
            for number in range(MANY)
        ]
        await town.add(principal.scope, *rows)
        found, cursor, pages = [], None, 0
        async with connect(await town.key(owner)) as client:
            while pages == 0 or cursor is not None:
                page = await client.list_resources(cursor=cursor)
                found += [resource.uri for resource in page.resources]
                cursor, pages = page.next_cursor, pages + 1

        assert set(found) == {f"coda://sessions/{row.id}" for row in rows}
        assert (len(found), pages) == (MANY, 20)

    async def test_a_chat_is_read_from_its_end(self, connect: Connect, reader: Caller, chat_id: UUID) -> None:
        async with connect(reader) as client:
            (listed,) = (await client.list_resources()).resources
            newest = await read(client, listed.uri)
            oldest, pages = newest, 1
            while older := oldest.partition("Older messages: ")[2].partition("\n")[0]:
                oldest, pages = await read(client, older), pages + 1
            parsed = json.loads(await read(client, f"coda://sessions/{chat_id}.json"))

        assert (listed.name, listed.mime_type) == ("Tides", "text/markdown")
        assert newest.startswith("# Tides\n")
        assert newest.endswith("## Question\n\nAnd the last one?\n")
        assert len(newest.encode()) < 500_000
        assert pages == 4
        assert "## Question\n\nWhen is high water?" in oldest
        assert '`calculator({"expression":"2+2"})` → `{"value":"4"}`\n\nAt four.' in oldest
        assert "## Answer (demo/coda)" in oldest
        assert parsed["messages"][-1]["content"] == [{"type": "text", "text": "And the last one?"}]
        assert parsed["older"].startswith(f"coda://sessions/{chat_id}.json?before=")
        assert 1 < len(parsed["messages"]) < 13

    async def test_the_templates_name_both_forms(self, connect: Connect, reader: Caller) -> None:
        async with connect(reader) as client:
            templates = (await client.list_resource_templates()).resource_templates

        assert [each.uri_template for each in templates] == [
            "coda://sessions/{id}{?before}",
            "coda://sessions/{id}.json{?before}",
        ]

    @pytest.mark.parametrize(
        ("uri", "code"),
        [
            ("coda://sessions/{foreign}", "conversations.session_not_found"),
            (f"coda://sessions/{NOBODYS}", "conversations.session_not_found"),
            ("coda://sessions/1", "mcp.no_such_resource"),
            ("coda://users/{foreign}", "mcp.no_such_resource"),
            ("file:///etc/passwd", "mcp.no_such_resource"),
            ("http://[", "mcp.no_such_resource"),
            ("coda://sessions/{own}?before=x", "core.invalid_cursor"),
        ],
    )
    async def test_what_is_not_there(
        self, connect: Connect, town: Town, reader: Caller, chat_id: UUID, uri: str, code: str
    ) -> None:
        """Somebody else's chat is no other than one that never was."""
        admin = await town.key(await town.settle(reader.principal.org_id, Role.ADMIN))
        own = new_id()
        scope = admin.principal.scope
        rows = ChatSession(org_id=scope.org_id, id=own, owner_id=admin.principal.user_id, title="Own")
        await town.add(scope, rows)
        async with connect(admin) as client:
            with pytest.raises(MCPError) as raised:
                await client.read_resource(uri.format(foreign=chat_id, own=own))

        assert raised.value.data["code"] == code
        assert raised.value.code == -32602

    async def test_a_key_for_administration_reads_none(self, connect: Connect, town: Town, reader: Caller) -> None:
        key = await town.key(await town.settle(reader.principal.org_id, Role.ADMIN), scopes=[KeyScope.ADMIN])
        async with connect(key) as client:
            for refused in (client.list_resources(), client.read_resource(f"coda://sessions/{uuid4()}")):
                with pytest.raises(MCPError, match="lacks the scope `read`"):
                    await refused

    async def test_a_cursor_of_nobodys(self, connect: Connect, reader: Caller) -> None:
        async with connect(reader) as client:
            with pytest.raises(MCPError, match="start without one"):
                await client.list_resources(cursor="nonsense")


class TestPrompts:
    async def test_they_hold_the_chat(self, connect: Connect, reader: Caller, chat_id: UUID) -> None:
        async with connect(reader) as client:
            prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
            summary = await client.get_prompt("summarise_chat", {"session_id": str(chat_id), "focus": "the moon"})
            onward = await client.get_prompt("continue_chat", {"session_id": str(chat_id), "question": "And low?"})
            found = await client.get_prompt("search_chats", {"words": "high water"})
            none = await client.get_prompt("search_chats", {"words": "xylophone"})

        assert prompts == {"summarise_chat", "continue_chat", "search_chats"}
        said, chat = (message.content for message in summary.messages)
        assert isinstance(said, TextContent)
        assert said.text.endswith("Dwell on: the moon")
        assert isinstance(chat, EmbeddedResource)
        assert chat.resource.uri == f"coda://sessions/{chat_id}"
        asked = onward.messages[-1].content
        assert isinstance(asked, TextContent)
        assert str(chat_id) in asked.text
        assert asked.text.endswith("And low?")
        listed = found.messages[0].content
        assert isinstance(listed, TextContent)
        where = f"- Tides (session_id {chat_id}, coda://sessions/{chat_id})"
        assert listed.text.endswith(f"{where}\n  When is high water?")
        assert "None of my chats" in str(none.messages[0].content)

    async def test_words_are_looked_for_and_not_the_beginnings_of_ids(
        self, connect: Connect, town: Town, database: Database
    ) -> None:
        """A word such as `dead` may begin an id too."""
        owner = await town.settle(await town.found(), Role.MEMBER)
        long = "é " * 200 + "Where the dead  sea\nscrolls are, " + "x" * 500
        ids = [UUID("dead0000-0000-7000-8000-000000000001"), new_id(), new_id()]
        for session_id, title, said in zip(
            ids, (None, "Dead SEA salt", "Other"), ("Nothing", "It is 100% salt_y", long), strict=True
        ):
            await tell(database, town, owner, session_id, title, [("user", [text_part(said)])])
        async with connect(await town.key(owner)) as client:
            found, odd = [
                (await client.get_prompt("search_chats", {"words": words})).messages[0].content
                for words in ("dead sea", "0% t_y")
            ]

        assert isinstance(found, TextContent)
        assert isinstance(odd, TextContent)
        _, *lines = found.text.split("\n- ")
        assert [line.partition(" (")[0] for line in lines] == ["Other", "Dead SEA salt"]
        excerpt = lines[0].partition("\n  ")[2]
        assert excerpt.startswith("…é ")
        assert "Where the dead sea scrolls are, xx" in excerpt
        assert excerpt.endswith("x…")
        assert "Dead SEA salt" in odd.text

    @pytest.mark.parametrize(
        ("name", "arguments", "code"),
        [
            ("search_chats", {"words": "x" * 201}, "mcp.invalid_arguments"),
            ("nothing", {}, "mcp.no_such_prompt"),
            ("summarise_chat", {}, "mcp.invalid_arguments"),
            ("summarise_chat", {"session_id": NOBODYS}, "conversations.session_not_found"),
            ("summarise_chat", {"session_id": "../x"}, "mcp.no_such_resource"),
        ],
    )
    async def test_what_cannot_be_had(
        self, connect: Connect, reader: Caller, name: str, arguments: dict[str, str], code: str
    ) -> None:
        async with connect(reader) as client:
            with pytest.raises(MCPError) as raised:
                await client.get_prompt(name, arguments)

        assert raised.value.data["code"] == code

    @pytest.mark.parametrize("typed", ["", "{id:.4}", "tides", "water"])
    async def test_the_id_of_a_chat_is_completed(
        self, connect: Connect, reader: Caller, chat_id: UUID, typed: str
    ) -> None:
        value = typed.format(id=str(chat_id))
        async with connect(reader) as client:
            for ref, name in (
                (PromptReference(type="ref/prompt", name="summarise_chat"), "session_id"),
                (ResourceTemplateReference(type="ref/resource", uri="coda://sessions/{id}{?before}"), "id"),
            ):
                found = await client.complete(ref, {"name": name, "value": value})
                assert found.completion.values == [str(chat_id)]
            other = await client.complete(
                PromptReference(type="ref/prompt", name="search_chats"), {"name": "words", "value": "t"}
            )

        assert other.completion.values == []
