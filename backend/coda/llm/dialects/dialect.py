"""One dialect, and what a provider's models were found to speak."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

CallIdForm = Literal["any", "nine"]
"""`nine`: nine letters and digits, as Mistral wants them."""

_MOST_LEARNT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provider or model differs from what is usual on its wire.

    `refuses`: parts of a request that are left out, by their names on the wire; `system` stands for the role.
    `alternates`: messages of one role never follow each other. `empty_content`: what a message says that only calls
    tools. `usual_output`: the limit of an answer where one has to be named. `most_output`: the highest that is taken.
    """

    max_tokens_field: str = "max_tokens"
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    call_ids: CallIdForm = "any"
    refuses: frozenset[str] = frozenset()
    alternates: bool = False
    empty_content: str | None = None
    usual_output: int | None = None
    most_output: int | None = None


class Dialects:
    """The dialects of one provider's models: the provider's own until a model has refused something."""

    def __init__(self, base: Dialect | None = None) -> None:
        self.base = base or Dialect()
        self._learnt: dict[str, Dialect] = {}

    def of(self, model: str) -> Dialect:
        """What this model speaks, as far as it is known."""
        return self._learnt.get(model, self.base)

    def keep(self, model: str, dialect: Dialect) -> None:
        """The model accepted a request in this dialect."""
        if dialect != self.of(model) and len(self._learnt) < _MOST_LEARNT:
            self._learnt[model] = dialect
