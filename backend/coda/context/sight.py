"""Which pictures of a conversation a model is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from coda.files.store import content_key
from coda.files.types import KeptFile
from coda.llm.types import StoredPicture

_UNSEEN: Final = "[A picture was attached here, which you cannot see: {name}{alt}]"
_GONE: Final = "[A picture was attached here and has been deleted: {name}{alt}]"


@dataclass(frozen=True, slots=True)
class Sight:
    """The pictures that are still there, by the ids of their files; `sees`: whether the model looks at any."""

    sees: bool
    pictures: Mapping[UUID, StoredPicture] = field(default_factory=dict)

    def of(self, part: Mapping[str, Any]) -> StoredPicture | None:
        """The picture of a part, where the model can be shown it."""
        return self.pictures.get(UUID(str(part["file_id"]))) if self.sees else None

    def missing(self, part: Mapping[str, Any]) -> str:
        """What the model is told in place of a picture."""
        alt = f", described as: {part['alt']}" if part.get("alt") else ""
        return (_GONE if self.sees else _UNSEEN).format(name=part["name"], alt=alt)


BLIND: Final = Sight(sees=False)


def stored_picture(org_id: UUID, file: KeptFile) -> StoredPicture | None:
    """The copy of a picture that models are sent; None where there is none any more."""
    if file.content_id is None or file.view_type is None:
        return None
    key = content_key(org_id, file.sha256, file.content_id, "view")
    return StoredPicture(key, file.view_type, *file.view_size)
