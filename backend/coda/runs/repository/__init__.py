"""All SQL of runs."""
