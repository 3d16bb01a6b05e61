"""The one file of a form, read as it comes: no more of it than a chunk is ever held."""

from collections.abc import AsyncIterator
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from coda.files.errors import NoFileSent

_FIELD: Final = b"file"
_LONGEST_HEAD: Final = 8_192


class FormFile:
    """Reads a form up to its file; `chunks` are the file's bytes. Raises NoFileSent."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if not boundary:
            raise NoFileSent("it names no boundary")
        self._body = body
        try:
            self._parser = self._parser_of(boundary)
        except FormParserError:
            raise NoFileSent("its boundary is too long") from None
        self._field, self._value, self._head = b"", b"", 0
        self._disposition = b""
        self._waiting: list[bytes] = []
        self._is_in_file, self._is_whole = False, False
        self.name: str | None = None

    def _parser_of(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._take_field,
                "on_header_value": self._take_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_head,
                "on_part_data": self._take_data,
                "on_part_end": self._end_part,
            },
        )

    async def begin(self) -> None:
        """Read until the file begins."""
        while self.name is None and await self._read():
            pass
        if self.name is None:
            raise NoFileSent("it has no file")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file, to its end."""
        while True:
            waiting, self._waiting = self._waiting, []
            for chunk in waiting:
                yield chunk
            if self._is_whole and not self._waiting:
                await self._read_to_end()
                return
            if not await self._read():
                raise NoFileSent("it ends in the middle")

    async def _read_to_end(self) -> None:
        """What comes behind the file counts for nothing; a form that is cut there was not sent as a whole."""
        while await self._read():
            pass

    async def _read(self) -> bool:
        chunk = await anext(self._body, b"")
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise NoFileSent("it cannot be read") from None
        return chunk != b""

    def _begin_part(self) -> None:
        self._disposition, self._head = b"", 0

    def _take_field(self, data: bytes, start: int, end: int) -> None:
        self._field += self._counted(data[start:end])

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._counted(data[start:end])

    def _counted(self, text: bytes) -> bytes:
        self._head += len(text)
        if self._head > _LONGEST_HEAD:
            raise NoFileSent("its head is too long")
        return text

    def _end_header(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field, self._value = b"", b""

    def _end_head(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == _FIELD and b"filename" in options:
            if self.name is not None:
                raise NoFileSent("it has more than one file")
            self.name = options[b"filename"].decode("utf-8", "replace")
            self._is_in_file = True

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_in_file:
            self._waiting.append(data[start:end])

    def _end_part(self) -> None:
        if self._is_in_file:
            self._is_in_file, self._is_whole = False, True
