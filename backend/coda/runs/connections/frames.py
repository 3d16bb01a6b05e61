"""What a client may say on the socket, which right each command needs (`needs`), and what the server replies."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coda.access.permissions import Permission
from coda.core.errors import CodaError
from coda.core.http.errors import LONGEST_MESSAGE, MOST_FIELDS, printable
from coda.core.json_limits import InvalidNumber, InvalidText, TooDeep, TooManyValues, check_shape, check_values
from coda.core.text import is_storable
from coda.runs.connections.errors import CloseCode, InvalidFrame, SocketClosing
from coda.runs.queue.commands import RunCommand
from coda.runs.schemas import Approvals, QuestionContent, RunCreate, Steer
from coda.runs.stream.hub.port import Note

MAX_REF = 100


class StartFrame(RunCreate):
    """Ask, and follow the run at once."""

    needs: ClassVar = Permission.RUNS_WRITE
    op: Literal["start"]
    ref: str
    session_id: UUID


class _RunFrame(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needs: ClassVar = Permission.RUNS_WRITE
    ref: str
    run_id: UUID


class AttachFrame(_RunFrame):
    """Follow a run from behind `after`."""

    needs: ClassVar = Permission.SESSIONS_READ
    op: Literal["attach"]
    after: int = Field(default=0, ge=0, lt=2**53)


class DetachFrame(_RunFrame):
    """Follow a run no more."""

    needs: ClassVar = Permission.SESSIONS_READ
    op: Literal["detach"]


class CancelFrame(_RunFrame):
    """Stop a run."""

    op: Literal["cancel"]


class PauseFrame(_RunFrame):
    """Pause a run."""

    op: Literal["pause"]


class ResumeFrame(_RunFrame):
    """Resume a run, and follow it."""

    op: Literal["resume"]


class ContinueFrame(_RunFrame):
    """Continue a cut answer, and follow the new run."""

    op: Literal["continue"]


class EditFrame(QuestionContent):
    """Change the question of a run that no worker has begun."""

    needs: ClassVar = Permission.RUNS_WRITE
    op: Literal["edit"]
    ref: str
    run_id: UUID


class RemoveFrame(_RunFrame):
    """Remove a run that no worker has begun."""

    op: Literal["remove"]


class SteerFrame(Steer):
    """Send a steer into a run."""

    needs: ClassVar = Permission.RUNS_WRITE
    op: Literal["steer"]
    ref: str
    run_id: UUID


class ApproveFrame(Approvals):
    """Decide on the tool calls of a run, and follow the one that continues it."""

    needs: ClassVar = Permission.RUNS_WRITE
    op: Literal["approve"]
    ref: str
    run_id: UUID


class PingFrame(BaseModel):
    """Ask for a pong."""

    model_config = ConfigDict(extra="forbid")

    op: Literal["ping"]
    ref: str


ControlFrame = CancelFrame | PauseFrame | ResumeFrame | ContinueFrame | SteerFrame | ApproveFrame
ClientFrame = StartFrame | AttachFrame | DetachFrame | EditFrame | RemoveFrame | ControlFrame | PingFrame
FRAMES: Final[Mapping[str, type[ClientFrame]]] = {
    "start": StartFrame,
    "attach": AttachFrame,
    "detach": DetachFrame,
    "edit": EditFrame,
    "remove": RemoveFrame,
    RunCommand.CANCEL: CancelFrame,
    RunCommand.PAUSE: PauseFrame,
    RunCommand.RESUME: ResumeFrame,
    "continue": ContinueFrame,
    "steer": SteerFrame,
    "approve": ApproveFrame,
    "ping": PingFrame,
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame as far as its sender can be answered. `problem`: what stands in it that nothing could hold."""

    op: str
    ref: str
    fields: dict[str, Any]
    problem: InvalidText | InvalidNumber | None


def read_envelope(text: str) -> Envelope:
    """A frame's op, ref and fields; raises SocketClosing where not even these can be understood."""
    value, problem = _parse(text)
    if not isinstance(value, dict):
        raise SocketClosing(CloseCode.BAD_FRAME, "Frames are JSON objects.")
    op, ref = value.get("op"), value.get("ref")
    if not isinstance(op, str) or op not in FRAMES:
        raise SocketClosing(CloseCode.BAD_FRAME, "Unknown op.")
    if not isinstance(ref, str) or len(ref) > MAX_REF or not is_storable(ref):
        raise SocketClosing(CloseCode.BAD_FRAME, f"ref is a string of at most {MAX_REF} characters.")
    return Envelope(op, ref, value, problem)


def _parse(text: str) -> tuple[object, InvalidText | InvalidNumber | None]:
    """The JSON of a frame, None where it is none. Raises SocketClosing for one that would cost too much to read."""
    body = text.encode()
    try:
        structure = check_shape(body)
    except (TooDeep, TooManyValues) as error:
        raise SocketClosing(CloseCode.BAD_FRAME, error.message) from None
    try:
        check_values(body, structure)
        return orjson.loads(body), None
    except orjson.JSONDecodeError:
        return None, None
    except (InvalidText, InvalidNumber) as error:
        return _parse_leniently(body), error


def _parse_leniently(body: bytes) -> object:
    """What stands beside a text or number that cannot be taken: its sender must be told which frame it was in."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def read_frame(envelope: Envelope) -> ClientFrame:
    """A client's frame; raises InvalidFrame, InvalidText or InvalidNumber."""
    if envelope.problem is not None:
        raise envelope.problem
    try:
        return FRAMES[envelope.op].model_validate(envelope.fields)
    except ValidationError as error:
        raise InvalidFrame([_problem(problem) for problem in error.errors()[:MOST_FIELDS]]) from None


def _problem(problem: Any) -> dict[str, str]:  # noqa: ANN401 - pydantic's ErrorDetails
    path = ".".join(str(step) for step in problem["loc"])
    return {
        "in": "frame",
        "field": printable(path),
        "problem": problem["type"],
        "message": printable(problem["msg"], longest=LONGEST_MESSAGE),
    }


def ack(ref: str, **shown: dict[str, Any] | None) -> str:
    """The server has stored what was asked for."""
    return orjson.dumps({"op": "ack", "ref": ref, **shown}).decode()


def refusal(ref: str, error: CodaError) -> str:
    """The server will not do what was asked for."""
    return orjson.dumps({"op": "error", "ref": ref, "error": error.as_dict()}, default=str).decode()


def detached(run_id: UUID, error: CodaError) -> str:
    """A run is followed no more, without anybody having asked for that."""
    return orjson.dumps({"op": "error", "ref": "", "run_id": str(run_id), "error": error.as_dict()}).decode()


def pong(ref: str) -> str:
    """The reply to a ping."""
    return orjson.dumps({"op": "pong", "ref": ref}).decode()


def notes_text(notes: Sequence[Note]) -> str:
    """Something has changed: one note as it is, several as an array."""
    shown = [{"op": "note", "topic": note.topic, "id": str(note.id), "change": note.change} for note in notes]
    return orjson.dumps(shown if len(shown) > 1 else shown[0]).decode()
