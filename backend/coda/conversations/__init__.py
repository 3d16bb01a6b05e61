"""Chat sessions and their trees of messages."""
