"""Files over HTTP: what goes up comes down, in whatever pieces, and only to those who may read it."""

import asyncio
import hashlib
import os
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coda.access.roles import Role
from coda.core.db import Database
from coda.files.jobs import UnusedFiles
from coda.files.wiring import FileServices
from tests.callers import Caller, Town
from tests.files.conftest import FILES, begun, code_of, files_below, put, read, send, sent


class TestUpload:
    async def test_what_goes_up_comes_down(self, client: AsyncClient) -> None:
        content = os.urandom(300_000)
        file = await sent(client, content, "report.bin")

        assert (file["name"], file["size"], file["kind"]) == ("report.bin", len(content), "file")
        response = await read(client, file["id"])
        assert response.content == content
        assert response.headers["content-length"] == str(len(content))

    @given(cuts=st.lists(st.integers(1, 4_999), max_size=8, unique=True), seed=st.binary(min_size=1, max_size=8))
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_whatever_the_pieces(self, client: AsyncClient, cuts: list[int], seed: bytes) -> None:
        content = hashlib.shake_256(seed).digest(5_000)
        upload_id, places = await begun(client, len(content)), [0, *sorted(cuts), len(content)]
        for start, end in pairwise(places):
            answer = (await put(client, upload_id, content[start:end], start)).json()
            assert answer["offset"] == end

        assert answer["file"]["id"] == upload_id
        assert (await read(client, upload_id)).content == content

    async def test_the_same_bytes_are_kept_once_in_an_organization(
        self, client: AsyncClient, colleague: Caller, stranger: Caller, folder: Path
    ) -> None:
        before, content = len(await files_below(folder)), os.urandom(1_000)
        mine = await sent(client, content, "mine.bin")
        theirs = await sent(client, content, "theirs.bin", headers=colleague.headers)
        assert len(await files_below(folder)) == before + 1
        await sent(client, content, headers=stranger.headers)

        assert mine["id"] != theirs["id"]
        assert len(await files_below(folder)) == before + 2
        page = (await client.get(FILES, headers=colleague.headers)).json()
        assert [item["name"] for item in page["items"]] == ["theirs.bin"]
        assert page["storage"]["used_bytes"] == len(content)

    async def test_the_same_upload_at_the_same_moment(self, client: AsyncClient, folder: Path) -> None:
        before, content = len(await files_below(folder)), os.urandom(10_000)
        made = await asyncio.gather(*(sent(client, content) for _ in range(6)))

        assert len({file["id"] for file in made}) == 6
        assert len(await files_below(folder)) == before + 1
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == len(content)

    @pytest.mark.parametrize(
        ("given_name", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\notes.txt", "notes.txt"),
            ("two\nlines.txt", "two lines.txt"),
            ("gpj.\u202ephoto.exe", "gpj.photo.exe"),
            ("x" * 1_000 + ".pdf", "x" * 251 + ".pdf"),
            ("..", "file"),
            ("", "file"),
        ],
    )
    async def test_names_are_made_harmless(self, client: AsyncClient, given_name: str, kept: str) -> None:
        answer = await client.post(FILES, json={"name": given_name, "size": 1})

        assert answer.json()["name"] == kept

    async def test_a_name_is_told_to_browsers_in_plain_and_in_full(self, client: AsyncClient) -> None:
        file = await sent(client, b"hello", "a naïve 文.txt")

        told = (await read(client, file["id"])).headers["content-disposition"]
        assert told.startswith('attachment; filename="a na_ve _.txt"; filename*=UTF-8')
        assert "%E6%96%87" in told


class TestPieces:
    async def test_a_wrong_place_is_told_the_right_one(self, client: AsyncClient) -> None:
        upload_id = await begun(client, 10)
        await put(client, upload_id, b"12345", 0)

        for offset in (0, 4, 6):
            answer = await put(client, upload_id, b"67890", offset)
            assert (answer.status_code, code_of(answer)) == (409, "files.wrong_offset")
            assert answer.json()["error"]["details"]["offset"] == 5
        assert (await client.get(f"{FILES}/uploads/{upload_id}")).json()["offset"] == 5

    async def test_of_two_at_once_one_counts(self, client: AsyncClient) -> None:
        upload_id = await begun(client, 10)
        answers = await asyncio.gather(*(put(client, upload_id, letter * 5, 0) for letter in (b"a", b"b", b"c")))

        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        last = await asyncio.gather(*(put(client, upload_id, b"z" * 5, 5) for _ in range(3)))
        assert any(answer.status_code == 200 for answer in last)
        assert (await read(client, upload_id)).content[5:] == b"zzzzz"

    async def test_more_than_was_said_is_refused(self, client: AsyncClient) -> None:
        upload_id = await begun(client, 10)

        assert code_of(await put(client, upload_id, b"x" * 11, 0)) == "files.piece_unfit"
        assert code_of(await put(client, upload_id, b"", 0)) == "files.piece_unfit"
        assert (await client.get(f"{FILES}/uploads/{upload_id}")).json()["offset"] == 0

    async def test_a_whole_one_is_told_again(self, client: AsyncClient) -> None:
        upload_id = await begun(client, 5)
        first = await put(client, upload_id, b"12345", 0)

        assert first.json()["file"]["id"] == upload_id
        assert (await put(client, upload_id, b"12345", 0)).json()["file"]["id"] == upload_id
        assert (await client.get(f"{FILES}/uploads/{upload_id}")).json()["offset"] == 5

    async def test_one_that_is_given_up_leaves_nothing(self, client: AsyncClient, folder: Path) -> None:
        before = await files_below(folder)
        upload_id = await begun(client, 10)
        await put(client, upload_id, b"12345", 0)

        assert (await client.delete(f"{FILES}/uploads/{upload_id}")).status_code == 204
        assert (await client.get(f"{FILES}/uploads/{upload_id}")).status_code == 404
        assert await files_below(folder) == before
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0

    async def test_one_that_nobody_goes_on_with_ends(
        self, client: AsyncClient, database: Database, files: FileServices, town: Town, folder: Path
    ) -> None:
        before = await files_below(folder)
        upload_id = await begun(client, 10)
        await put(client, upload_id, b"12345", 0)
        await town.execute("update file_uploads set expires_at = now() where id = :id", id=upload_id)

        assert code_of(await put(client, upload_id, b"67890", 5)) == "files.upload_not_found"
        await UnusedFiles(database, files).run()
        assert await files_below(folder) == before
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0


class TestLimits:
    @pytest.fixture
    def limits(self) -> dict[str, Any]:
        return {"max_bytes": 100_000, "max_bytes_per_organization": 250_000}

    async def test_a_byte_too_many(self, client: AsyncClient, folder: Path) -> None:
        before = await files_below(folder)
        await sent(client, os.urandom(100_000))
        answer = await send(client, os.urandom(100_001))

        assert (answer.status_code, code_of(answer)) == (413, "files.too_large")
        assert answer.json()["error"]["details"]["limit"] == 100_000
        assert code_of(await client.post(FILES, json={"name": "x", "size": 100_001})) == "files.too_large"
        assert len(await files_below(folder)) == len(before) + 1

    async def test_far_too_many_are_refused_unread(self, client: AsyncClient) -> None:
        answer = await send(client, bytes(300_000))

        assert (answer.status_code, code_of(answer)) == (413, "core.too_large")

    async def test_json_stays_bounded_as_everywhere(self, client: AsyncClient) -> None:
        answer = await client.post(
            FILES, content=b'"' + b"x" * (8 * 2**20) + b'"', headers={"Content-Type": "application/json"}
        )

        assert (answer.status_code, code_of(answer)) == (413, "core.too_large")

    async def test_of_many_at_once_none_goes_past_the_organizations_limit(
        self, client: AsyncClient, colleague: Caller
    ) -> None:
        asked = [
            client.post(FILES, json={"name": "x", "size": 60_000}, headers=who)
            for who in (None, colleague.headers)
            for _ in range(8)
        ]
        answers = await asyncio.gather(*asked)

        assert sum(answer.status_code == 201 for answer in answers) == 4
        assert {code_of(answer) for answer in answers if answer.status_code != 201} == {"files.storage_full"}
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 240_000

    async def test_what_was_not_taken_takes_no_room(self, client: AsyncClient) -> None:
        for content in (os.urandom(100_001), b""):
            await send(client, content)
        for _ in range(3):
            await send(client, b"\x89PNG\r\n\x1a\n" + os.urandom(90_000), "broken.png")

        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0

    async def test_an_empty_file(self, client: AsyncClient) -> None:
        assert code_of(await send(client, b"")) == "files.empty"
        assert code_of(await client.post(FILES, json={"name": "x", "size": 0})) == "files.empty"


class TestForms:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--b--\r\n",
            b'--b\r\nContent-Disposition: form-data; name="other"; filename="x"\r\n\r\nhello\r\n--b--\r\n',
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello\r\n--b--\r\n',
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhello, cut he',
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhello\r\n' * 2 + b"--b--\r\n",
            b"no form at all",
            b"--b\r\nX: " + b"x" * 20_000,
        ],
    )
    async def test_one_without_a_whole_file(self, client: AsyncClient, body: bytes) -> None:
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post(FILES, content=body, headers=kind)

        assert (answer.status_code, code_of(answer)) == (422, "files.no_file")
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0

    async def test_one_without_a_boundary(self, client: AsyncClient) -> None:
        answer = await client.post(FILES, content=b"x", headers={"Content-Type": "multipart/form-data"})

        assert code_of(answer) == "files.no_file"

    async def test_a_boundary_of_thousands_of_letters(self, client: AsyncClient) -> None:
        kind = {"Content-Type": f"multipart/form-data; boundary={'b' * 5_000}"}
        answer = await client.post(FILES, content=b"x", headers=kind)

        assert (answer.status_code, code_of(answer)) == (422, "files.no_file")

    async def test_unknown_fields(self, client: AsyncClient) -> None:
        answer = await client.post(FILES, json={"name": "x", "size": 1, "more": 2})

        assert (answer.status_code, code_of(answer)) == (422, "core.invalid_request")
        assert answer.json()["error"]["details"]["fields"][0]["field"] == "more"


class TestRights:
    async def test_it_is_its_owners_alone(
        self, client: AsyncClient, colleague: Caller, stranger: Caller, town: Town, org_id: UUID
    ) -> None:
        file = await sent(client, b"mine")
        viewer = await town.settle(org_id, Role.VIEWER)
        for caller in (colleague, stranger, viewer):
            for path in (f"{FILES}/{file['id']}", f"{FILES}/{file['id']}/content", f"{FILES}/uploads/{file['id']}"):
                assert (await client.get(path, headers=caller.headers)).status_code == 404
        for caller in (colleague, stranger):
            assert (await client.delete(f"{FILES}/{file['id']}", headers=caller.headers)).status_code == 404
        assert code_of(await send(client, b"x", headers=viewer.headers)) == "organizations.read_only"
        assert (await read(client, file["id"])).content == b"mine"

    async def test_nobody_who_is_not_signed_in(self, client: AsyncClient) -> None:
        file = await sent(client, b"mine")
        nobody = {"Authorization": ""}

        assert (await read(client, file["id"], headers=nobody)).status_code == 401
        assert (await send(client, b"x", headers=nobody)).status_code == 401

    async def test_an_upload_of_somebody_else(self, client: AsyncClient, colleague: Caller) -> None:
        upload_id = await begun(client, 5)
        path = f"{FILES}/uploads/{upload_id}"

        assert (await client.put(path, content=b"12345", headers=colleague.headers)).status_code == 404
        assert (await client.delete(path, headers=colleague.headers)).status_code == 404


class TestAddresses:
    async def test_they_open_without_a_token(self, client: AsyncClient) -> None:
        file = await sent(client, b"hello")
        nobody = {"Authorization": ""}

        answer = await client.get(file["addresses"]["content"], headers=nobody)
        assert answer.content == b"hello"
        assert answer.headers["cache-control"].startswith("private, max-age=")

    async def test_nothing_of_them_can_be_changed(self, client: AsyncClient) -> None:
        mine, other = await sent(client, b"hello"), await sent(client, b"other")
        address, nobody = mine["addresses"]["content"], {"Authorization": ""}
        changed = [
            address.replace(mine["id"], other["id"]),
            address.replace("variant=original", "variant=view"),
            address.replace("expires=", "expires=9"),
            address[:-1] + ("A" if address[-1] != "A" else "B"),
            address + "%F0%9F",
        ]
        for one in changed:
            answer = await client.get(one, headers=nobody)
            assert answer.status_code in (403, 422), one

    async def test_they_end(
        self, client: AsyncClient, files: FileServices, member: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = await sent(client, b"hello")
        monkeypatch.setattr("coda.files.links.STEP", timedelta(seconds=-10))
        old = files.links.sign(member.principal.scope, UUID(file["id"]), "original")

        answer = await client.get(old, headers={"Authorization": ""})
        assert (answer.status_code, code_of(answer)) == (403, "files.link_invalid")


class TestDelete:
    async def test_it_is_gone_and_its_bytes_follow(
        self, client: AsyncClient, database: Database, files: FileServices, folder: Path
    ) -> None:
        before = await files_below(folder)
        file = await sent(client, b"not for long")

        assert (await client.delete(f"{FILES}/{file['id']}")).status_code == 204
        answer = await client.get(f"{FILES}/{file['id']}")
        assert (answer.status_code, code_of(answer)) == (410, "files.gone")
        assert (await read(client, file["id"])).status_code == 410
        assert (await client.get(FILES)).json()["items"] == []
        await UnusedFiles(database, files).run()
        assert await files_below(folder) == before
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0

    async def test_bytes_that_another_file_has_too_stay(
        self, client: AsyncClient, database: Database, files: FileServices
    ) -> None:
        one, other = await sent(client, b"twice"), await sent(client, b"twice")
        await client.delete(f"{FILES}/{one['id']}")
        await UnusedFiles(database, files).run()

        assert (await read(client, other["id"])).content == b"twice"

    async def test_the_list_is_paged(self, client: AsyncClient) -> None:
        names = [f"{number}.txt" for number in range(5)]
        for name in names:
            await sent(client, name.encode(), name)
        seen: list[str] = []
        cursor = None
        while len(seen) < 10:
            page = (await client.get(FILES, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break

        assert seen == names[::-1]
