"""Coda as an MCP server: its tools, the whole agent, and a person's chats. Nothing of `mcp` is loaded before a call."""
