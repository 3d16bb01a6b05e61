"""Servers that speak the Model Context Protocol, as sources of tools. The SDK is imported when it is needed."""
