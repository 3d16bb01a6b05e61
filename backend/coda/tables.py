"""Imports every domain's models, so that alembic and the tests see the whole schema."""

from coda.context import models as context
from coda.conversations import models as conversations
from coda.core.cache import models as cache
from coda.core.db import Base
from coda.core.jobs import models as jobs
from coda.files import models as files
from coda.gateways.answers.repeats import models as api_requests
from coda.gateways.openai_responses import models as openai_responses
from coda.identity import models as identity
from coda.llm import models as llm
from coda.organizations import models as organizations
from coda.runs import models as runs
from coda.tools import models as tools
from coda.tools.sources import models as tool_sources
from coda.tools.sources.started import models as started_sources
from coda.usage import models as usage

__all__ = [
    "api_requests",
    "cache",
    "context",
    "conversations",
    "files",
    "identity",
    "jobs",
    "llm",
    "metadata",
    "openai_responses",
    "organizations",
    "runs",
    "started_sources",
    "tool_sources",
    "tools",
    "usage",
]

metadata = Base.metadata
