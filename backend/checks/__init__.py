"""Checks of the repository itself: sizes, supply chain, generated files, end-to-end runs."""
