"""What a run is while it works: its facts, its answer, its steps, its limits, its fenced transactions."""
