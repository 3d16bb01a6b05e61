"""Answers for clients of other wires: a plain model call or a run of the whole agent, as deltas."""
