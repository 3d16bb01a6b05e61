"""MCP servers that Coda starts itself and speaks with over their stdin and stdout."""
