"""What a file is called: on one line, without the folders that it came from, and of bounded length."""

from typing import Final

from coda.core.names import one_line
from coda.files.types import LONGEST_NAME

_NAMELESS: Final = "file"
_LONGEST_ENDING: Final = 20


def file_name(given: str) -> str:
    """The name as it is kept and shown; its ending stays where it has to be cut."""
    name = one_line(given.replace("\\", "/").rpartition("/")[2]).strip(". ") or _NAMELESS
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return name[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
