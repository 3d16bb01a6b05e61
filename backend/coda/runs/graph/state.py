"""The graph's state: counts and ids only; content lives in the database."""

from typing import NotRequired, TypedDict


class RunState(TypedDict):
    """`turn` counts model calls; `pending` are ids of tool calls to make; `capped` ends the loop.

    `asks`: a person has to decide on a pending call first, or a client to make it. `steered`: a steer came in, so the
    model is asked again. `formless`: the answer was asked for in a form that it does not have yet.
    """

    turn: int
    pending: list[str]
    capped: bool
    asks: NotRequired[bool]
    steered: NotRequired[bool]
    formless: NotRequired[bool]
