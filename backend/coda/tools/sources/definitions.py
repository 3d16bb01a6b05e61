"""The tools of a source: as they are kept, what has changed about them, and as a model is told of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from coda.core.clock import now
from coda.core.patterns import Characters
from coda.tools.sources.models import SourceTool
from coda.tools.sources.types import MOST_TOOLS, Offer, OfferedTool, Source, fingerprint
from coda.tools.toolsets.names import model_name
from coda.tools.types import Approval, Tool

LONGEST_SLUG: Final = 20
_REMEMBERED_FOR: Final = timedelta(days=30)
_NOT_IN_SLUG: Final = Characters("^a-z0-9")


def slug_of(name: str, *, taken: Iterable[str]) -> str:
    """What the names of a source's tools begin with: its name as letters and digits, numbered where it is taken."""
    used = set(taken)
    wanted = _NOT_IN_SLUG.replaced(name.lower(), "-").strip("-")[:LONGEST_SLUG].strip("-") or "source"
    if wanted not in used:
        return wanted
    return next(slug for number in range(2, len(used) + 3) if (slug := f"{wanted}-{number}") not in used)


def as_tool(source: Source, offered: OfferedTool) -> Tool:
    """A tool as the agent has it."""
    return Tool(
        name=model_name(source.slug, offered.name),
        title=f"{source.name}: {offered.title}",
        description=offered.description,
        parameters=offered.parameters,
        result_schema=offered.result_schema,
        has_side_effects=offered.has_side_effects,
        honours_key=offered.may_repeat,
        approval=Approval.ASK if offered.has_side_effects else Approval.NEVER,
        source=str(source.id),
    )


def is_usable(row: SourceTool) -> bool:
    """Whether a tool is there, switched on, and as somebody has approved it."""
    return row.is_enabled and row.gone_at is None and row.listed == row.approved


def usable(rows: Iterable[SourceTool]) -> Mapping[str, str]:
    """What the agent has of a source's tools: definitions by name."""
    return {row.name: row.listed for row in rows if is_usable(row)}


def merge(
    rows: Sequence[SourceTool], offer: Offer, *, org_id: UUID, source_id: UUID, is_first: bool
) -> list[SourceTool]:
    """Write into the rows what is offered now; gives the new ones.

    What a source has when it is first listed is approved with the source. What comes later or changes is not, also
    where a tool was gone in between.
    """
    known: Mapping[str, SourceTool] = {row.name: row for row in rows}
    new: list[SourceTool] = []
    for tool in offer.tools:
        stored, row = tool.as_stored(), known.get(tool.name)
        if row is None:
            approved = stored if is_first else None
            new.append(SourceTool(org_id=org_id, source_id=source_id, name=tool.name, listed=stored, approved=approved))
            continue
        row.gone_at = None
        row.listed = _unless_same(stored, row.approved, row.listed)
    offered = {tool.name for tool in offer.tools}
    for row in rows:
        if row.name not in offered:
            row.gone_at = row.gone_at or now()
    return new


def to_forget(rows: Iterable[SourceTool]) -> list[SourceTool]:
    """The tools that are gone and need not be known again: nobody has approved them, or it is long ago.

    The others are approved as they were when they come back: a server may lack its tools for a moment.
    """
    gone = [(row.gone_at, row) for row in rows if row.gone_at is not None]
    gone.sort(key=lambda each: each[0], reverse=True)
    kept = [row for at, row in gone if row.approved is not None and at > now() - _REMEMBERED_FOR][:MOST_TOOLS]
    return [row for _, row in gone if row not in kept]


def _unless_same(stored: str, *known: str | None) -> str:
    """A definition that is known already, where only the order of keys differs."""
    same = (each for each in known if each is not None and fingerprint(each) == fingerprint(stored))
    return next(same, stored)
