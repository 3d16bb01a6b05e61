"""The agent's graph; the only importer of langgraph."""
