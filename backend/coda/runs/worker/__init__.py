"""Drives claimed runs: the worker loop, one run's way from claim to end, recovery of lost ones."""
