"""Logs, traces and metrics of a Coda process."""
