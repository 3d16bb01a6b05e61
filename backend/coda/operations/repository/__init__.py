"""SQL of clean-up, readiness and the operator's overview: ids, times and counts, never content."""

from coda.operations.repository.instance import InstanceRepository, QueueState
from coda.operations.repository.system import RunEnds, SystemRepository

__all__ = ["InstanceRepository", "QueueState", "RunEnds", "SystemRepository"]
