"""The live stream of runs: hubs, attach and replay."""
