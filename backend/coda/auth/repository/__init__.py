"""All SQL of sign-in."""

from coda.auth.repository.principals import PrincipalRepository

__all__ = ["PrincipalRepository"]
