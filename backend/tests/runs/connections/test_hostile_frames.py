"""Values that break programs, in every field of every frame: each is answered, or closes the socket as too bad."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from coda.runs.connections.errors import CloseCode
from coda.runs.connections.frames import FRAMES
from tests.hostile import encoded, example, hostile
from tests.runs.conftest import Person
from tests.runs.site import Line, Site

BROKEN = ("core.internal", "core.database_unavailable")


def texts() -> Iterator[tuple[str, str]]:
    for op, frame in FRAMES.items():
        schema = frame.model_json_schema()
        for place, text in hostile(example(schema, schema.get("$defs", {})), keep=("op",)):
            yield f"{op}: {place}", text


async def reply_to(line: Line, text: str) -> dict[str, Any] | None:
    """What is said to a frame; None where the socket was closed for it."""
    await line.connection.send(text)
    while True:
        try:
            said = orjson.loads(await line.connection.recv())
        except ConnectionClosed:
            return None
        if isinstance(said, dict) and said.get("op") in ("ack", "error", "pong"):
            return said


async def test_no_frame_breaks_the_socket(site: Site, person: Person) -> None:
    waiting = list(texts())
    broken: list[str] = []
    while waiting:
        async with site.line(person) as line:
            while waiting:
                place, text = waiting.pop()
                said = await reply_to(line, text)
                if said is None:
                    if line.connection.close_code not in (CloseCode.BAD_FRAME, CloseCode.TOO_MANY):
                        broken.append(f"{place} closed with {line.connection.close_code} by {text[:200]}")
                    break
                if said["op"] == "error" and said["error"]["code"] in BROKEN:
                    broken.append(f"{place} {said['error']['code']} for {text[:200]}")

    assert broken == []


@pytest.mark.parametrize(
    ("content", "code"),
    [("a\x00b", "core.invalid_text"), ("half-a-character", "core.invalid_text"), (10**30, "core.invalid_number")],
)
async def test_what_cannot_be_stored_is_told_to_its_frame(
    site: Site, person: Person, content: object, code: str
) -> None:
    async with site.line(person) as line:
        frame = {"op": "steer", "ref": "7", "run_id": str(person.principal.user_id), "content": content}
        said = await reply_to(line, encoded(frame))

        assert said is not None
        assert (said["op"], said["ref"], said["error"]["code"]) == ("error", "7", code)
        assert (await line.ask("ping"))["op"] == "pong"


@pytest.mark.parametrize("text", ["[" * 400, '{"op":"ping","ref":"1","x":' + "[" * 400 + "]" * 400 + "}"])
async def test_a_frame_that_is_too_deep_closes_the_socket(site: Site, person: Person, text: str) -> None:
    async with site.line(person) as line:
        await line.connection.send(text)

        assert await line.close_code() == CloseCode.BAD_FRAME
