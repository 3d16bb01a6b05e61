"""The graph's state: counts and ids only; content lives in the database."""

from typing import NotRequired, TypedDict


class RunState(TypedDict):
    """`turn` counts model calls; `pending` are ids of tool calls to make; `capped` ends the loop.

    `asks`: a person has to decide on a pending call first. `steered`: a steer came in, so the model is asked again.
    """

    turn: int
    pending: list[str]
    capped: bool
    asks: NotRequired[bool]
    steered: NotRequired[bool]
