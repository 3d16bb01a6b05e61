"""The WebSocket: many runs on one connection, commands in, events and notes out."""
