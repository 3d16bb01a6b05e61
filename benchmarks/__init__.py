"""Measures what docs/performance.md publishes: `make bench`, or `python -m benchmarks` from the repository's root."""
