"""Requests that come again: what a client has asked already is answered by the run that answers it."""
