"""OpenAI's Responses API under /v1/responses: another spelling of a completion, with what was said kept by id."""
