"""Simulated model providers: separate HTTP servers that speak the real wires."""
