"""What goes around an adapter, one concern each: breaking, observing, retrying, metering."""
