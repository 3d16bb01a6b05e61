"""Imports every domain's models, so that alembic and the tests see the whole schema."""

from coda.context import models as context
from coda.conversations import models as conversations
from coda.core.db import Base
from coda.core.jobs import models as jobs
from coda.identity import models as identity
from coda.llm import models as llm
from coda.organizations import models as organizations
from coda.runs import models as runs
from coda.tools import models as tools
from coda.usage import models as usage

__all__ = ["context", "conversations", "identity", "jobs", "llm", "metadata", "organizations", "runs", "tools", "usage"]

metadata = Base.metadata
