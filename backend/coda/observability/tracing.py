"""OpenTelemetry tracing: trace ids always, spans sent to an OTLP collector when one is configured."""

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased

import coda
from coda.core.settings import Settings


class Tracing:
    """The process's tracer provider; the one global of OpenTelemetry's API."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider

    def close(self) -> None:
        """Send what is left and stop. Blocking, for at most a few seconds."""
        self.provider.shutdown()


def configure_tracing(settings: Settings, *, service: str = "coda") -> Tracing:
    """Build the tracer provider and make it the process's."""
    tracing = build_tracing(settings, service=service)
    trace.set_tracer_provider(tracing.provider)
    return tracing


def build_tracing(settings: Settings, *, service: str = "coda") -> Tracing:
    """A tracer provider.

    Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is recorded, but every request and run still has a trace id.
    """
    resource = Resource.create({"service.name": service, "service.version": coda.__version__})
    if settings.otlp_endpoint is None:
        provider = TracerProvider(resource=resource, sampler=ALWAYS_OFF, shutdown_on_exit=False)
    else:
        provider = TracerProvider(resource=resource, sampler=ParentBased(ALWAYS_ON), shutdown_on_exit=False)
        _export(provider, settings.otlp_endpoint)
    return Tracing(provider)


def _export(provider: TracerProvider, endpoint: str) -> None:
    # Imported where it is needed: most installations have no collector.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
