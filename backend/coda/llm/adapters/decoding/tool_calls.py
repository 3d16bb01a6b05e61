"""Puts the pieces of tool calls together, however a server numbers and names them.

What servers do: leave out index or id, give all calls index 0 or one id, change the id from piece to piece, send the
name late, in pieces, with every piece or with the model's own marks around it, send a whole call again at its end.
"""

from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from coda.core.text import whole
from coda.llm.adapters.decoding.lenient_json import dumps, is_object
from coda.llm.types import ToolCallDelta

_LONGEST_ID = 64
_PLACEHOLDERS = ("{}", "null")
_NAMESPACE = "functions."
_MARK = "<|"


@dataclass(slots=True)
class CallPiece:
    """One piece as it was on the wire."""

    index: int | None
    id: str | None
    name: str
    arguments: str


@dataclass(slots=True)
class _Call:
    """A call so far. `told`: how much of its arguments is told; None before its name is."""

    index: int
    id: str | None
    name: str = ""
    arguments: str = ""
    told: int | None = None


class CallMerger:
    """The calls of one turn. `names`: the tools that the model was offered."""

    __slots__ = ("_by_id", "_by_index", "_calls", "_ids", "_names")

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = names
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self._by_id: dict[str, _Call] = {}
        self._ids: set[str] = set()

    @property
    def has_calls(self) -> bool:
        """Whether a call has a name."""
        return any(call.name for call in self._calls)

    @property
    def has_nameless(self) -> bool:
        """Whether there are arguments, and no call that they could be of."""
        has_any = any(call.arguments.strip() not in ("", *_PLACEHOLDERS) for call in self._calls)
        return has_any and not self.has_calls

    def add(self, piece: CallPiece) -> tuple[int, list[ToolCallDelta]]:
        """Take a piece in: the number of its call among ours, and what can be told now."""
        call = self._find(piece)
        deltas: list[ToolCallDelta] = []
        if call is None or (piece.name and self._is_another(call, piece)):
            if self._calls and self._calls[-1].name:
                deltas = self._tell(self._calls[-1], is_last=True)
            call = self._begin(piece)
        else:
            self._extend(call, piece)
        if self._is_ready(call):
            deltas.extend(self._tell(call))
        return call.index, deltas

    def add_whole(self, piece: CallPiece) -> tuple[int, list[ToolCallDelta]]:
        """Take a whole call in: its number, and its delta."""
        call = self._begin(piece)
        return call.index, self._tell(call, is_last=True)

    def end(self) -> list[ToolCallDelta]:
        """All that is not told yet. Pieces that never got a name belong to the call before them, or to none."""
        deltas: list[ToolCallDelta] = []
        before: _Call | None = None
        for call in self._calls:
            if call.name:
                before = call
            elif before is not None and is_object(before.arguments + call.arguments):
                before.arguments += call.arguments
        for call in self._calls:
            if call.name:
                deltas.extend(self._tell(call, is_last=True))
        return deltas

    def _find(self, piece: CallPiece) -> _Call | None:
        by_id = self._by_id.get(piece.id) if piece.id else None
        if piece.index is not None:
            return self._by_index.get(piece.index) or (None if piece.name else by_id)
        if by_id is not None:
            return by_id
        if not self._calls or (piece.id and piece.name and self._calls[-1].name):
            return None
        return self._calls[-1]

    def _is_another(self, call: _Call, piece: CallPiece) -> bool:
        """Whether a piece with a name begins a call, rather than going on with this one."""
        if not call.name:
            return False
        if piece.id and call.id and piece.id != call.id:
            return True
        if not call.arguments:
            pair = {self._offered(call.name), self._offered(piece.name)}
            return len(pair) == 2 and pair <= set(self._names)
        if piece.name != call.name:
            return True
        begins = piece.arguments.lstrip().startswith("{")
        return begins and is_object(call.arguments) and not piece.arguments.startswith(call.arguments)

    def _begin(self, piece: CallPiece) -> _Call:
        call = _Call(len(self._calls), piece.id, piece.name, piece.arguments)
        self._calls.append(call)
        if piece.index is not None:
            self._by_index[piece.index] = call
        self._name(call)
        return call

    def _name(self, call: _Call) -> None:
        """An id means the last call that has it."""
        if call.id and self._by_id.get(call.id, call).index <= call.index:
            self._by_id[call.id] = call

    def _extend(self, call: _Call, piece: CallPiece) -> None:
        if call.id is None and piece.id:
            call.id = piece.id
            self._name(call)
        if piece.name and piece.name != call.name and call.told is None:
            call.name += piece.name
        if not piece.arguments:
            return
        if call.arguments.strip() in _PLACEHOLDERS or (piece.name and piece.arguments.startswith(call.arguments)):
            call.arguments = piece.arguments
        elif piece.arguments != call.arguments or not is_object(call.arguments):
            call.arguments += piece.arguments

    def _is_ready(self, call: _Call) -> bool:
        """A name may come in pieces: it is whole where it is a tool's, or where arguments have come after it."""
        if call.told is not None:
            return True
        return bool(call.name and call.arguments) and (not self._names or self._offered(call.name) in self._names)

    def _offered(self, name: str) -> str:
        """The tool that is meant: gpt-oss writes its namespace before it."""
        bare = name.removeprefix(_NAMESPACE)
        return bare if bare in self._names else name

    def _tell(self, call: _Call, *, is_last: bool = False) -> list[ToolCallDelta]:
        is_first = call.told is None
        told = call.told or 0
        if not is_last and call.arguments.strip() in _PLACEHOLDERS:  # the real ones may follow
            return []
        news = call.arguments[told:]
        if not is_first and not news:
            return []
        call.told = len(call.arguments)
        if is_first:
            return [ToolCallDelta(call.index, self._own_id(call), self._offered(call.name), news)]
        return [ToolCallDelta(call.index, arguments=news)]

    def _own_id(self, call: _Call) -> str:
        """The server's id where it can tell this call from others, else one of ours."""
        own = call.id
        if not own or own in self._ids or len(own) > _LONGEST_ID:
            own = f"call_{token_hex(12)}"
        self._ids.add(own)
        return own


def piece_of(call: Any) -> CallPiece:  # noqa: ANN401 - whatever JSON the provider sent
    """A piece in OpenAI's form; raises AttributeError where it is no object."""
    function = call.get("function") or {}
    index, call_id, name = call.get("index"), call.get("id"), function.get("name")
    return CallPiece(
        index=index if isinstance(index, int) and not isinstance(index, bool) else None,
        id=whole(str(call_id)) if call_id not in (None, "") else None,
        name=_bare(whole(name)) if isinstance(name, str) else "",
        arguments=arguments_text(function.get("arguments")),
    )


def _bare(name: str) -> str:
    """The name without spaces around it and without what leaked behind it, such as `<|channel|>commentary`."""
    return name.partition(_MARK)[0].strip()


def arguments_text(arguments: Any) -> str:  # noqa: ANN401 - whatever JSON the provider sent
    """Arguments as text: some servers send the object itself."""
    if isinstance(arguments, str):
        return whole(arguments)
    return "" if arguments is None else dumps(arguments)
