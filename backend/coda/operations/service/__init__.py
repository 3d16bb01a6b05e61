"""The use cases of operations."""

from coda.operations.service.gauges import QueueGauges
from coda.operations.service.jobs import JobService
from coda.operations.service.overview import OverviewService

__all__ = ["JobService", "OverviewService", "QueueGauges"]
