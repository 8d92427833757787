"""OpenTelemetry: FastAPI's configuration, and the attributes of each request's span."""

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace

from graph.telemetry.request_stats import RequestStats

TELEMETRY_CONFIG: TelemetryConfig = {
    "auto_configure": True,
    "logs": False,
    "exclude": lambda scope: scope.get("path") in ("/livez", "/readyz"),
}
"""FastAPI reads the `OTEL_*` variables. It must not export logs, because its own records hold
exceptions without the redaction of `graph.telemetry.logging`."""


def set_span_attributes(stats: RequestStats) -> None:
    """Add the figures of a request to FastAPI's span of it, if that is recorded."""
    span = trace.get_current_span()
    if not span.is_recording():
        return
    span.set_attribute("graphql.operation.type", stats.kind)
    if stats.operation:
        span.set_attribute("graphql.operation.name", stats.operation)
    if stats.caller:
        span.set_attribute("registry.caller", stats.caller.name)
        if stats.caller.issuer:
            span.set_attribute("registry.issuer", stats.caller.issuer)
    span.set_attribute("registry.request.id", stats.request_id)
    span.set_attribute("registry.request.cost", stats.cost)
    span.set_attribute("registry.errors", stats.codes)
    for name, value in stats.format_store_usage().items():
        span.set_attribute(f"registry.store.{name}", value)


def redact_query(query_string: bytes) -> None:
    """Redact the query string in FastAPI's span of the request: it may hold variables."""
    span = trace.get_current_span()
    if query_string and span.is_recording():
        span.set_attribute("url.query", "***")
