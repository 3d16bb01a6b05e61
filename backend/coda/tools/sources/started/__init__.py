"""Sources whose servers Coda starts itself: entered by operators or named by a setting, asked by workers only."""
