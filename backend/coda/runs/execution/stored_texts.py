"""Which texts of prompts and specs of tools this process knows to be stored, so that it need not send them again."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Final
from uuid import UUID

KNOWN_SECONDS: Final = 3600.0
"""What was stored stays for many hours, whether anything refers to it or not: see `STORE_BEGINNING`."""
_NEVER: Final = float("-inf")
_MOST: Final = 10_000


class StoredTexts:
    """Texts by organization and hash, the latest ones of a bounded number."""

    def __init__(self) -> None:
        self._stored_at: OrderedDict[tuple[UUID, str], float] = OrderedDict()

    def unknown(self, org_id: UUID, texts: Mapping[str, str]) -> dict[str, str]:
        """Those that have to be sent along."""
        oldest = monotonic() - KNOWN_SECONDS
        at = self._stored_at
        return {sha256: text for sha256, text in texts.items() if at.get((org_id, sha256), _NEVER) <= oldest}

    def stored(self, org_id: UUID, hashes: Iterable[str]) -> None:
        """A transaction that has stored them, or found them stored, is committed."""
        now = monotonic()
        for sha256 in hashes:
            self._stored_at[org_id, sha256] = now
            self._stored_at.move_to_end((org_id, sha256))
        while len(self._stored_at) > _MOST:
            self._stored_at.popitem(last=False)
