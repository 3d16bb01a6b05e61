"""Files that are not what they seem, and pictures that are more than they seem."""

import asyncio
import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from httpx import AsyncClient
from PIL import Image, ImageOps

from coda.files.pictures import MOST_BYTES, copies_of
from coda.files.sniffing import media_type_of
from coda.files.types import VIEW_SIDE
from tests.files.conftest import FILES, code_of, read, send, sent

_SCRIPT = b"<script>alert(document.cookie)</script>"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg">' + _SCRIPT + b"</svg>"
_HTML = b"<!DOCTYPE html><html><body>" + _SCRIPT + b"</body></html>"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own
    target = BytesIO()
    Image.new(mode, size, "red").save(target, form, **options)
    return target.getvalue()


def noise(size: tuple[int, int]) -> bytes:
    target = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(target, "PNG", compress_level=1)
    return target.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is as large as this, and holds as many zeros."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


class TestTypes:
    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (_SVG, "image/svg+xml"),
            (_HTML, "text/html"),
            (b"plain words, and \xc3\xa9", "text/plain"),
            (b"a,b\n1,2\n", "text/plain"),
            (b"%PDF-1.7\n%abc", "application/pdf"),
            (bytes(range(256)), "application/octet-stream"),
            (picture("JPEG"), "image/jpeg"),
            (picture("BMP"), "image/bmp"),
        ],
    )
    def test_they_show_in_the_bytes(self, content: bytes, media_type: str) -> None:
        assert media_type_of(content) == media_type

    @pytest.mark.parametrize(
        ("content", "name"),
        [(_SVG, "picture.svg"), (_HTML, "picture.png"), (b"GIF89a/*" + _SCRIPT + b"*/", "x.txt"), (_SCRIPT, "x.jpg")],
    )
    async def test_nothing_is_ever_run(self, client: AsyncClient, content: bytes, name: str) -> None:
        """A polyglot is refused as a picture; what is none is bytes to be saved, in a sandbox."""
        answer = await client.post(FILES, files={"file": (name, content, "image/png")})
        if answer.status_code != 201:
            assert code_of(answer) == "files.picture_unreadable"
            return
        file = answer.json()
        assert (file["kind"], file["addresses"]["thumbnail"]) == ("file", None)
        for variant in ("original", "view", "thumbnail"):
            got = await read(client, file["id"], params={"variant": variant})
            assert got.headers["content-type"].partition(";")[0] in ("application/octet-stream", "text/plain")
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert got.headers["content-disposition"].startswith("attachment;")


class TestPictures:
    @pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
    async def test_one_of_each_kind(self, client: AsyncClient, form: str) -> None:
        file = await sent(client, picture(form), f"picture.{form.lower()}")

        assert (file["kind"], file["width"], file["height"]) == ("image", 40, 30)
        for variant, kinds in (("view", ("image/png", "image/jpeg")), ("thumbnail", ("image/webp",))):
            got = await client.get(file["addresses"][variant], headers={"Authorization": ""})
            assert got.headers["content-type"] in kinds
            assert Image.open(BytesIO(got.content)).size == (40, 30)
        assert (await read(client, file["id"])).content == picture(form)

    async def test_copies_tell_nothing_of_where_it_was_taken(self, client: AsyncClient) -> None:
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "A camera"  # turned by a quarter
        exif.get_ifd(0x8825)[1] = "N"
        content = picture("JPEG", exif=exif.tobytes(), comment=b"at home")
        file = await sent(client, content, "photo.jpg")

        assert (file["width"], file["height"]) == (30, 40)
        for variant in ("view", "thumbnail"):
            copy = (await read(client, file["id"], params={"variant": variant})).content
            image = Image.open(BytesIO(copy))
            assert image.size == (30, 40)
            assert not dict(image.getexif())
            assert b"camera" not in copy
            assert b"at home" not in copy

    @pytest.mark.parametrize(
        "content",
        [
            picture()[:60],
            picture("JPEG")[:200],
            noise((200, 200))[:5_000],
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x24\x00\x00\x00WEBPVP8 ",
            bomb(10_000, 10_000),
            bomb(100_000, 100_000)[:2_000],
        ],
        ids=["cut", "cut jpeg", "cut pixels", "head", "webp head", "10,000 x 10,000", "bomb"],
    )
    async def test_what_cannot_be_unpacked_is_refused(self, client: AsyncClient, content: bytes) -> None:
        answer = await send(client, content, "picture.png")

        assert answer.status_code in (413, 422)
        assert code_of(answer) in ("files.picture_unreadable", "files.picture_too_large")
        assert (await client.get(FILES)).json()["storage"]["used_bytes"] == 0

    async def test_a_large_one_is_copied_within_bounds(self) -> None:
        """Noise cannot be packed: this is the worst that fits in."""
        content = await asyncio.to_thread(noise, (3_000, 2_500))
        found = await asyncio.to_thread(copies_of, content, "image/png")

        view = Image.open(BytesIO(found.view))
        assert (found.width, found.height) == (3_000, 2_500)
        assert max(view.size) == VIEW_SIDE
        assert len(found.view) <= MOST_BYTES

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
    async def test_rare_colours(self, mode: str) -> None:
        form = "JPEG" if mode == "CMYK" else "PNG"
        target = BytesIO()
        Image.new(mode, (20, 10)).save(target, form)

        found = copies_of(target.getvalue(), f"image/{form.lower()}")
        assert Image.open(BytesIO(found.view)).size == (20, 10)

    async def test_what_is_clear_stays_clear(self) -> None:
        found = copies_of(picture(mode="RGBA"), "image/png")

        assert Image.open(BytesIO(found.view)).mode == "RGBA"

    @pytest.mark.parametrize("orientation", range(1, 9))
    async def test_each_way_of_lying_is_turned_upright(self, orientation: int) -> None:
        """As Pillow itself turns it; a quarter of the picture has another colour."""
        exif, target = Image.Exif(), BytesIO()
        exif[0x0112] = orientation
        lying = Image.new("RGB", (40, 30), "red")
        lying.paste("blue", (0, 0, 20, 15))
        lying.save(target, "PNG", exif=exif.tobytes())

        found = copies_of(target.getvalue(), "image/png")
        upright = ImageOps.exif_transpose(Image.open(BytesIO(target.getvalue())))
        assert (found.width, found.height) == upright.size
        assert Image.open(BytesIO(found.view)).tobytes() == upright.tobytes()
