"""One stored event, as it travels."""

from typing import NamedTuple


class Frame(NamedTuple):
    """One stored event as text. The text is shared and never serialised again."""

    seq: int
    fence: int
    text: str
