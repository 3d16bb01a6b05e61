"""How far a run is: its steps, limits, usage and times."""
