"""What was learnt of a model, as it is stored: only what is not as usual with its provider."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from coda.llm.dialects.dialect import Dialect

_PLAIN: Final = ("max_tokens_field", "call_ids", "alternates", "empty_content", "most_output")


def as_stored(dialect: Dialect, base: Dialect) -> dict[str, Any]:
    """What differs from the provider's own dialect."""
    stored = {name: getattr(dialect, name) for name in _PLAIN if getattr(dialect, name) != getattr(base, name)}
    refused = sorted(dialect.refuses - base.refuses)
    return {**stored, "refuses": refused} if refused else stored


def from_stored(stored: Mapping[str, Any], base: Dialect) -> Dialect:
    """The provider's own dialect with what was learnt; unknown fields are those of another version."""
    known = {name: stored[name] for name in _PLAIN if name in stored}
    return replace(base, refuses=base.refuses | set(stored.get("refuses", ())), **known)
