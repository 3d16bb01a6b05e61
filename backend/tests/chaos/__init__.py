"""Real processes that are killed under load, and the proof that nothing was lost."""
