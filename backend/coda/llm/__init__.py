"""Models: catalogue, credentials, adapters, and the gateway that every model call goes through."""
