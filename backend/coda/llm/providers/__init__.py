"""The providers that can be asked: their kinds as data, and how each is built and listed."""
