"""The graph's state: counts and ids only; content lives in the database."""

from typing import NotRequired, TypedDict


class RunState(TypedDict):
    """`turn` counts model calls; `pending` are ids of tool calls to make; `capped` ends the loop.

    `asks`: a person has to decide on a pending call. `steered`: a person threw something in, so there is more to say.
    """

    turn: int
    pending: list[str]
    capped: bool
    asks: NotRequired[bool]
    steered: NotRequired[bool]
