"""The public contract: the OpenAPI document, the event protocol, the recorded transcripts."""
