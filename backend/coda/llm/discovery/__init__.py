"""Finds out which models each provider offers and whether it answers."""
