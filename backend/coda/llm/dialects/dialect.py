"""One dialect, and what a provider's models were found to speak."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from coda.core.clock import now

CallIdForm = Literal["any", "nine"]
"""`nine`: nine letters and digits, as Mistral wants them."""

KEPT_FOR: Final = timedelta(days=7)
"""How long a refusal is remembered; then the model is asked for all of it once more."""
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


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a model was found to speak, and when."""

    dialect: Dialect
    at: datetime

    @property
    def is_old(self) -> bool:
        """Whether it may have changed since: servers are updated."""
        return now() - self.at > KEPT_FOR


class Dialects:
    """The dialects of one provider's models: the provider's own until a model has refused something.

    `on_learnt` is told of each that is new.
    """

    def __init__(self, base: Dialect | None = None) -> None:
        self.base = base or Dialect()
        self.on_learnt: Callable[[str, Dialect], None] = lambda _model, _dialect: None
        self._learnt: dict[str, Learnt] = {}

    def of(self, model: str) -> Dialect:
        """What this model speaks, as far as it is known."""
        learnt = self._learnt.get(model)
        if learnt is None or learnt.is_old:
            return self.base
        return learnt.dialect

    def keep(self, model: str, dialect: Dialect) -> None:
        """The model accepted a request in this dialect."""
        if dialect != self.of(model) and (model in self._learnt or len(self._learnt) < _MOST_LEARNT):
            self._learnt[model] = Learnt(dialect, now())
            self.on_learnt(model, dialect)

    def recall(self, model: str, learnt: Learnt) -> None:
        """Take what was learnt before, or elsewhere, unless something newer is known."""
        known = self._learnt.get(model)
        if known is None or known.at < learnt.at:
            self._learnt[model] = learnt
