"""Executes claimed runs: the worker loop, one run from claim to end, recovery of lost ones."""
