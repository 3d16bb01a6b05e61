"""What a file is, by its first bytes. What its sender says of it counts for nothing."""

import codecs
from typing import Final

HEAD: Final = 64 * 1024
"""So many bytes are looked at."""
TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
PICTURES: Final = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/avif": "AVIF",
}
"""What is unpacked and shown, and by which decoder alone."""
_USUAL_NAMES: Final = {"image/x-ms-bmp": "image/bmp", "image/jpg": "image/jpeg"}


def media_type_of(head: bytes) -> str:
    """The most likely type; text where it reads as text, else unknown."""
    import puremagic  # its tables are loaded with the first file

    try:
        (best, *_) = puremagic.magic_string(head[:HEAD])
    except (puremagic.PureError, ValueError):
        return TEXT if _is_text(head) else UNKNOWN
    found = str(best.mime_type)
    if found:
        return _USUAL_NAMES.get(found, found)
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    """Whether it is UTF-8 without control characters that no text has; a character may be cut at the end."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(character < " " and character not in "\t\n\r\f\x1b" for character in text)
