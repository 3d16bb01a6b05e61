"""Tenancy: organizations, their members and their settings."""
