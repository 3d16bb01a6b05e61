"""Who acts in a scope, and that no request is served as Coda itself."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import coda
from coda.access.key_scopes import KeyScope
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.scope import Key, Person, Scope, ShareLink, System

CODE: Final = Path(coda.__file__).parent

# Who may work as System. None of them acts for somebody who asks: caches of a whole organization, jobs that were queued
# for nobody, and the saver of checkpoints, which a fenced run writes through.
MAKERS_OF_SYSTEM: Final = {
    "core/cache/postgres.py",
    "core/jobs/pgq.py",
    "files/jobs.py",
    "llm/providers/connected.py",
    "llm/providers/remembering.py",
    "organizations/wiring.py",
    "runs/graph/checkpoints.py",
    "tools/mcp/stdio/reports.py",
    "tools/sources/jobs.py",
    "tools/sources/joined.py",
    "tools/sources/started/named.py",
    "tools/wiring.py",
}


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and name in (getattr(called, "id", None), getattr(called, "attr", None)):
                yield path.relative_to(CODE).as_posix(), node


class TestActors:
    def test_a_person_and_a_key_act_for_their_person(self) -> None:
        user_id = uuid4()
        for actor in (Person(user_id), Key(user_id, uuid4(), frozenset({"read"}))):
            assert Scope(uuid4(), actor).user_id == user_id

    def test_a_share_link_and_the_system_are_nobody(self) -> None:
        for actor in (ShareLink(uuid4(), uuid4()), System()):
            assert Scope(uuid4(), actor).user_id is None


class TestRequests:
    def test_a_login_acts_as_its_person_and_a_key_as_a_key(self) -> None:
        user_id, org_id, api_key_id = uuid4(), uuid4(), uuid4()
        by_login = Principal(user_id, org_id, Role.ADMIN, is_operator=True, login_id=uuid4())
        scopes = frozenset({KeyScope.READ})
        by_key = Principal(user_id, org_id, Role.ADMIN, is_operator=True, api_key_id=api_key_id, key_scopes=scopes)

        assert by_login.scope == Scope(org_id, Person(user_id))
        assert by_key.scope == Scope(org_id, Key(user_id, api_key_id, scopes))

    def test_the_system_is_made_by_a_closed_list_of_modules(self) -> None:
        assert {path for path, _ in calls_of("System")} == MAKERS_OF_SYSTEM

    def test_no_other_name_is_given_to_it(self) -> None:
        renamed = [
            path.relative_to(CODE).as_posix()
            for path in CODE.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
            for name in node.names
            if name.name == "System" and name.asname
        ]

        assert renamed == []
