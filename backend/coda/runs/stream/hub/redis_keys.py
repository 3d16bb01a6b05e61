"""How frames and notes lie in Redis."""

from uuid import UUID

import orjson

from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.port import Note
from coda.runs.types import RunKey

NOTES_KEY = b"coda:notes"
RUN_PREFIX = b"coda:run:"
FRAME_FIELD = b"f"
NOTE_FIELD = b"n"
WAKE_FIELD = b"w"


def run_key(run: RunKey) -> bytes:
    """The stream of one run's frames."""
    return RUN_PREFIX + f"{run.org_id}:{run.run_id}".encode()


def run_of(key: bytes) -> RunKey:
    """The run whose stream this is."""
    org_id, run_id = key[len(RUN_PREFIX) :].decode().split(":")
    return RunKey(UUID(org_id), UUID(run_id))


def entry_id(frame: Frame) -> str:
    """`<fence>-<seq>`: a worker that was fenced out cannot add behind its successor."""
    return f"{frame.fence}-{frame.seq}"


def read_frame(entry: bytes, fields: dict[bytes, bytes]) -> Frame:
    """A stream entry as a frame."""
    fence, seq = entry.split(b"-")
    return Frame(int(seq), int(fence), fields[FRAME_FIELD].decode())


def dump_note(note: Note) -> bytes:
    """A note as the text of an entry."""
    ids = {"org_id": str(note.org_id), "user_id": str(note.user_id), "id": str(note.id)}
    return orjson.dumps({**ids, "topic": note.topic, "change": note.change})


def read_note(text: bytes) -> Note:
    """A note out of an entry."""
    value = orjson.loads(text)
    return Note(
        org_id=UUID(value["org_id"]),
        user_id=UUID(value["user_id"]),
        topic=value["topic"],
        id=UUID(value["id"]),
        change=value["change"],
    )
