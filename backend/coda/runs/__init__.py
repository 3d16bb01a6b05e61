"""One answer being produced: queue, executor, graph, event log, streams."""
