"""What was said before a request: the responses that it continues, and the items that it names by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coda.access.principal import Principal
from coda.core.db import Database
from coda.gateways.answers.completion import Branch
from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.openai_responses.errors import ResponseNotFound
from coda.gateways.openai_responses.ids import key_of, place_of
from coda.gateways.openai_responses.items import Item, kind_of
from coda.gateways.openai_responses.models import StoredResponse
from coda.gateways.openai_responses.repository import StoredResponseRepository


@dataclass(frozen=True, slots=True)
class History:
    """The items of earlier responses, oldest first, and the response that is continued itself.

    `unfinished`: those of them that are still being made, as far as is known.
    """

    earlier: Sequence[Item]
    previous: StoredResponse | None
    unfinished: Sequence[StoredResponse] = ()

    @property
    def branch(self) -> Branch | None:
        """Where an agent goes on: behind its answer, unless it was another model's."""
        previous = self.previous
        if previous is None or previous.session_id is None or previous.message_id is None:
            return None
        return Branch(previous.session_id, previous.message_id)


@dataclass(frozen=True, slots=True)
class ResponseHistory:
    """Reads what is stored of one person's responses."""

    database: Database
    principal: Principal

    async def before(self, previous_response_id: str | None) -> History:
        """What a request continues; raises ResponseNotFound, also where a response further up is gone."""
        if previous_response_id is None:
            return History((), None)
        key = key_of(previous_response_id)
        chain = await self._chain(key) if key is not None else ()
        if not chain or chain[-1].previous_id is not None:
            raise ResponseNotFound(previous_response_id, param="previous_response_id")
        items = [item for response in reversed(chain) for item in (*response.input, *response.output)]
        return History(items, chain[0], [response for response in chain if response.following is not None])

    async def resolved(self, items: Sequence[Item]) -> list[Item]:
        """The items, with what they name by id in the place of its name; raises InvalidParameter."""
        places = {at: place_of(str(item.get("id"))) for at, item in enumerate(items) if _is_reference(item)}
        keys = {place.response_key for place in places.values() if place is not None}
        stored = await self._find(keys) if keys else {}
        found: list[Item] = []
        for at, item in enumerate(items):
            if at not in places:
                found.append(item)
                continue
            place = places[at]
            output = stored.get(place.response_key, ()) if place is not None else ()
            if place is None or place.index >= len(output):
                raise InvalidParameter(f"input[{at}].id", f"Item with id '{str(item.get('id'))[:100]}' not found.")
            found.append(output[place.index])
        return found

    async def _chain(self, key: UUID) -> Sequence[StoredResponse]:
        async with self.database.transaction(self.principal.scope) as db:
            return await StoredResponseRepository(db, self.principal.scope).chain(key)

    async def _find(self, keys: set[UUID]) -> Mapping[UUID, Sequence[dict[str, Any]]]:
        async with self.database.transaction(self.principal.scope) as db:
            responses = await StoredResponseRepository(db, self.principal.scope).list_of(keys)
        return {response.id: response.output for response in responses}


def _is_reference(item: Item) -> bool:
    return kind_of(item) == "item_reference"
