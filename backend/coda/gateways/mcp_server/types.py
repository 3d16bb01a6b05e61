"""Words of the protocol."""

RequestId = str | int
