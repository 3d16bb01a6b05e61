"""All SQL of connections to model providers."""

from coda.llm.repository.connections import ProviderConnectionRepository
from coda.llm.repository.keys import ProviderKeyRepository
from coda.llm.repository.learnt import LearntDialectRepository
from coda.llm.repository.visibility import ConnectionVisibilityRepository

__all__ = [
    "ConnectionVisibilityRepository",
    "LearntDialectRepository",
    "ProviderConnectionRepository",
    "ProviderKeyRepository",
]
