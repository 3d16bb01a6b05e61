"""Commands as operators enter them."""

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.guarded_http import Reach
from coda.core.ids import new_id
from coda.tools.sources.errors import SourceInvalid
from coda.tools.sources.schemas import ToolSourceCreate
from coda.tools.sources.started.commands import STDIO, stored
from coda.tools.sources.types import Source, SourceOwner


def entered_command(request: ToolSourceCreate, principal: Principal) -> Source:
    """A source that is not stored. A command runs on Coda's own machine: operators only, and for everybody here.

    Raises what `check` does, SourceInvalid.
    """
    check(principal, Permission.INSTANCE_OPERATE)
    if request.owner is not SourceOwner.INSTANCE:
        raise SourceInvalid("A command is added for everybody here.", field="for")
    if request.url is not None or request.auth is not None:
        raise SourceInvalid("A command has no address and no sign-in.", field="url")
    if request.stdio is None:
        raise SourceInvalid("A command is needed.", field="stdio")
    config, secret = stored(request.stdio)
    return Source(
        id=new_id(),
        org_id=principal.org_id,
        kind=STDIO,
        slug="new",
        name=request.name,
        owner_id=None,
        config=config,
        reach=Reach.PUBLIC,
        secret=secret,
    )
