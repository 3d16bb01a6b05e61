"""Coda: self-hosted AI chat that shows everything its agent does."""

__version__ = "0.1.0"
