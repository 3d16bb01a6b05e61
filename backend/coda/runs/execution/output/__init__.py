"""What a run gives its watchers: the answer, and the events that tell of it."""
