"""The tools of a source: as they are kept, what has changed about them, and as a model is told of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from coda.core.patterns import Characters
from coda.tools.sources.models import SourceTool
from coda.tools.sources.types import Offer, OfferedTool, Source, fingerprint
from coda.tools.toolsets.names import model_name
from coda.tools.types import Approval, Tool

LONGEST_SLUG: Final = 20
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
    return row.is_enabled and row.is_listed and row.listed == row.approved


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
        row.is_listed = True
        row.listed = _unless_same(stored, row.approved, row.listed)
    offered = {tool.name for tool in offer.tools}
    for row in rows:
        row.is_listed = row.name in offered
    return new


def _unless_same(stored: str, *known: str | None) -> str:
    """A definition that is known already, where only the order of keys differs."""
    same = (each for each in known if each is not None and fingerprint(each) == fingerprint(stored))
    return next(same, stored)
