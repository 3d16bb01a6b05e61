"""Tenancy: organizations, members, API keys, and the Principal who acts."""
