"""The files of a question: looked for before it is stored, and held by it from then on."""

from collections.abc import Sequence
from uuid import UUID

from coda.conversations.parts import ATTACHED, attached_part, file_ids_of
from coda.conversations.repository.shown_files import ShownFileRepository
from coda.conversations.types import Part
from coda.files.service import FileService


class Attachments:
    """Files that the scope's person attaches to questions of theirs."""

    def __init__(self, files: FileService, shown: ShownFileRepository) -> None:
        self._files, self._shown = files, shown

    async def resolve(self, content: Sequence[Part]) -> tuple[Part, ...]:
        """The parts as they are stored; raises FileNotFound, FileGone for what is not the person's."""
        wanted = file_ids_of(content)
        if not wanted:
            return tuple(content)
        files = await self._files.own(wanted)
        return tuple(
            attached_part(part, files[UUID(str(part["file_id"]))]) if part["type"] in ATTACHED else part
            for part in content
        )

    async def hold(self, message_id: UUID, content: Sequence[Part]) -> None:
        """A message shows them now."""
        await self._shown.add(message_id, file_ids_of(content))

    async def exchange(self, message_id: UUID, before: Sequence[Part], content: Sequence[Part]) -> None:
        """A message shows others now."""
        if file_ids_of(before) or file_ids_of(content):
            await self._shown.replace(message_id, file_ids_of(content))
