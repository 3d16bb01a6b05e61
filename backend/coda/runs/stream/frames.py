"""Renders events to the JSON texts that are stored and sent: once for the database and all watchers."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from coda.core.clock import now_ms
from coda.core.text import storable_json

_ID_FIELD: Final = {
    "TEXT_MESSAGE_CONTENT": "messageId",
    "REASONING_MESSAGE_CONTENT": "messageId",
    "TOOL_CALL_ARGS": "toolCallId",
}
_END_TYPES: Final = ('{"type":"RUN_FINISHED"', '{"type":"RUN_ERROR"')


class FrameRenderer:
    """Renders the events of one run; `type` always comes first, `metadata` last."""

    __slots__ = ("_ids", "_run_id", "_session_id")

    def __init__(self, *, run_id: UUID, session_id: UUID) -> None:
        self._run_id, self._session_id = str(run_id), str(session_id)
        self._ids = f',"run_id":"{run_id}","session_id":"{session_id}"}}}}}}'

    def event(self, event: Mapping[str, Any], *, seq: int) -> str:
        """A whole event, with `timestamp` (unless it has one) and `metadata.coda` added."""
        body = {key: value for key, value in event.items() if key not in ("metadata", "timestamp")}
        own = event.get("metadata", {}).get("coda", {})
        body["timestamp"] = event.get("timestamp") or now_ms()
        body["metadata"] = {
            "coda": {"seq": seq, "run_id": self._run_id, "session_id": self._session_id} | own,
        }
        return dump(body)

    def delta(self, head: str, delta: str, *, at_ms: int, seq: int) -> str:
        """A piece of an open part; `head` is from `delta_head`."""
        return f'{head}{dump(delta)},"timestamp":{at_ms},"metadata":{{"coda":{{"seq":{seq}{self._ids}'


def delta_head(kind: str, part_id: str) -> str:
    """The beginning of every delta frame of one part, up to the delta itself."""
    return f'{{"type":"{kind}","{_ID_FIELD[kind]}":"{part_id}","delta":'


def is_end(frame: str) -> bool:
    """Whether nothing can follow this rendered frame in its run."""
    return frame.startswith(_END_TYPES)


def dump(value: object) -> str:
    """JSON text; half surrogate pairs, which some models send, become replacement characters."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return orjson.dumps(storable_json(value)).decode()
