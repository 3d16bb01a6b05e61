"""All SQL of sign-in."""

from coda.auth.repository.connected import list_current
from coda.auth.repository.principals import PrincipalRepository

__all__ = ["PrincipalRepository", "list_current"]
