"""Tools that an agent may call: registry, invocation, built-in ones."""
