"""Where tools come from: one toolset per source, and what wraps them."""

from coda.tools.toolsets.approval_required import ApprovalRequired
from coda.tools.toolsets.cached_results import CachedResults
from coda.tools.toolsets.combined import Combined
from coda.tools.toolsets.functions import FunctionToolset
from coda.tools.toolsets.scoped import ScopedToolsets
from coda.tools.toolsets.toolset import Toolset

__all__ = ["ApprovalRequired", "CachedResults", "Combined", "FunctionToolset", "ScopedToolsets", "Toolset"]
