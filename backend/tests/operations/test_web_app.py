"""The web app's files: caching, compression, and what is never served."""

import gzip
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from coda.core.settings import Settings
from coda.operations.web_app import WebApp, find_web_app
from tests.operations.conftest import MakeApp, client_of

PAGE = "<!doctype html><title>Coda</title>"
SCRIPT = "export const answer = 42\n" * 100


@pytest.fixture(autouse=True)
def _built(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "main-abc123.js").write_text(SCRIPT)
    (tmp_path / ".secret").write_text("no")
    (tmp_path.parent / "outside.txt").write_text("no")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/s/0198f6c0-0000-7000-8000-000000000000", "/index.html"])
async def test_every_place_in_the_app_gets_the_page(client: AsyncClient, path: str) -> None:
    response = await client.get(path)

    assert response.status_code == 200
    assert response.text == PAGE
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in response.headers["content-security-policy"]


async def test_hashed_files_are_kept_for_ever_and_come_compressed(client: AsyncClient) -> None:
    response = await client.get("/assets/main-abc123.js", headers={"Accept-Encoding": "gzip"})

    assert response.text == SCRIPT
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), 9, mtime=0))
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["vary"] == "Accept-Encoding"


class TestBrotli:
    """The build has laid the compressed form beside the file."""

    COMPRESSED = b"as Brotli has it"

    @pytest.fixture(autouse=True)
    def _is_built(self, tmp_path: Path) -> None:
        (tmp_path / "assets" / "main-abc123.js.br").write_bytes(self.COMPRESSED)

    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br, zstd", "br"),
            ("BR;q=0.5, gzip;q=1.0", "br"),
            ("br; q=0, gzip", "gzip"),
            ("br;q=0.000, gzip", "gzip"),
            ("gzip", "gzip"),
            ("brotli, x-gzip", None),
            ("identity", None),
        ],
    )
    async def test_the_smallest_form_that_the_client_takes(
        self, client: AsyncClient, accepted: str, encoding: str | None
    ) -> None:
        async with client.stream("GET", "/assets/main-abc123.js", headers={"Accept-Encoding": accepted}) as response:
            sent = b"".join([piece async for piece in response.aiter_raw()])

        forms = {"br": self.COMPRESSED, "gzip": gzip.compress(SCRIPT.encode(), 9, mtime=0), None: SCRIPT.encode()}
        assert response.headers.get("content-encoding") == encoding
        assert response.headers["vary"] == "Accept-Encoding"
        assert response.headers["content-type"] == "text/javascript; charset=utf-8"
        assert sent == forms[encoding]

    async def test_it_has_no_address_of_its_own(self, client: AsyncClient) -> None:
        assert (await client.get("/assets/main-abc123.js.br")).status_code == 404

    async def test_a_larger_one_is_not_sent(self, client: AsyncClient, tmp_path: Path) -> None:
        (tmp_path / "assets" / "tiny-1.js").write_text("1")
        (tmp_path / "assets" / "tiny-1.js.br").write_bytes(self.COMPRESSED)

        response = await client.get("/assets/tiny-1.js", headers={"Accept-Encoding": "br"})

        assert "content-encoding" not in response.headers


async def test_small_scripts_come_compressed_too_unless_that_makes_them_larger(
    client: AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "assets" / "small-1.js").write_text("export const yes = true\n" * 8)
    (tmp_path / "assets" / "tiny-1.js").write_text("1")

    small = await client.get("/assets/small-1.js", headers={"Accept-Encoding": "gzip"})
    tiny = await client.get("/assets/tiny-1.js", headers={"Accept-Encoding": "gzip"})

    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in tiny.headers


async def test_a_client_that_cannot_decompress_gets_plain_text(client: AsyncClient) -> None:
    response = await client.get("/assets/main-abc123.js", headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in response.headers
    assert response.text == SCRIPT


async def test_what_the_client_has_is_not_sent_again(client: AsyncClient) -> None:
    first = await client.get("/")

    again = await client.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


async def test_a_new_build_is_seen(client: AsyncClient, tmp_path: Path) -> None:
    await client.get("/")
    (tmp_path / "index.html").write_text("<!doctype html><title>newer</title>")

    assert "newer" in (await client.get("/")).text


@pytest.mark.parametrize(
    "path",
    ["/assets/missing.js", "/missing.png", "/.secret", "/%2e%2e/outside.txt", "/assets/%2e%2e/.secret", "/%00.js"],
)
async def test_a_missing_or_hidden_file_is_no_page(client: AsyncClient, path: str) -> None:
    response = await client.get(path)

    assert response.status_code == 404
    assert response.text == "Not found.\n"


@pytest.mark.parametrize("prefix", ["/", "//", "/%2e/", "/assets/../"])
@pytest.mark.parametrize("suffix", ["/", "/%2e", "%00"])
async def test_a_file_has_one_address(client: AsyncClient, prefix: str, suffix: str) -> None:
    response = await client.get(f"http://coda.test{prefix}assets/main-abc123.js{suffix}")

    assert response.text != SCRIPT


@pytest.mark.parametrize("path", ["//assets/main-abc123.js", "/assets//main-abc123.js", "/assets/%2e/main-abc123.js"])
async def test_no_other_spelling_leads_to_a_file(client: AsyncClient, path: str) -> None:
    assert (await client.get(f"http://coda.test{path}")).status_code == 404


async def test_memory_does_not_grow_with_what_strangers_spell(tmp_path: Path) -> None:
    async def not_found(*_: object) -> None:
        raise AssertionError

    web_app = WebApp(tmp_path, not_found=not_found)
    async with AsyncClient(transport=ASGITransport(web_app), base_url="http://coda.test") as client:
        for number in range(50):
            await client.get(f"http://coda.test/{'/' * number}assets/main-abc123.js")
            await client.get(f"/place-{number}")

    assert set(web_app._files) == {"index.html", "assets/main-abc123.js"}


async def test_a_file_that_a_new_build_brings_is_served_once_its_page_is(client: AsyncClient, tmp_path: Path) -> None:
    await client.get("/")
    (tmp_path / "assets" / "main-def456.js").write_text("newer")
    (tmp_path / "index.html").write_text("<!doctype html><title>newer</title>")
    await client.get("/")

    assert (await client.get("/assets/main-def456.js")).text == "newer"


async def test_what_a_link_leads_out_to_is_not_served(client: AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "assets" / "link.txt").symlink_to(tmp_path.parent / "outside.txt")

    assert (await client.get("/assets/link.txt")).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/v1/nothing"])
async def test_programs_are_told_in_their_form(client: AsyncClient, path: str) -> None:
    response = await client.get(path)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "core.no_such_path"


async def test_only_reading_is_allowed(client: AsyncClient) -> None:
    assert (await client.post("/")).status_code == 405
    assert (await client.head("/")).status_code == 200


def test_an_app_that_is_not_built_is_not_found(tmp_path: Path) -> None:
    settings = Settings.model_validate({"static_dir": tmp_path})

    assert find_web_app(settings) == tmp_path
    (tmp_path / "index.html").unlink()
    assert find_web_app(settings) is None


async def test_without_a_built_app_the_page_says_what_to_do(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "index.html").unlink()

    async with client_of(make_app()) as client:
        response = await client.get("/")

    assert response.status_code == 404
    assert "make run" in response.text
