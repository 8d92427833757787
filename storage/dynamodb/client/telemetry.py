"""Reports calls: an OpenTelemetry span per call, a log line per failed attempt, store usage."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry import trace

from storage.dynamodb.client.errors import CallFailure, CancelledError
from storage.usage import current_usage

_log = logging.getLogger(__name__)
_tracer = trace.get_tracer("storage.dynamodb")
_MAX_MESSAGE = 500


def start_spans(operations: Sequence[str], table: str) -> list[trace.Span]:
    """Start a span per call, named and described by OpenTelemetry's semantic conventions."""
    return [_start_span(operation, table) for operation in operations]


def _start_span(operation: str, table: str) -> trace.Span:
    span = _tracer.start_span(f"DynamoDB.{operation}", kind=trace.SpanKind.CLIENT)
    if span.is_recording():
        span.set_attributes({
            "db.system.name": "aws.dynamodb",
            "db.operation.name": operation,
            "db.collection.name": table,
            "aws.dynamodb.table_names": (table,),
        })  # fmt: skip
    return span


def end_span(span: trace.Span, request_id: str, failure: CallFailure | None = None) -> None:
    """End the span of a call that has its final result.

    A condition that did not hold is a result, not an error.
    """
    if span.is_recording():
        span.set_attribute("aws.request_id", request_id)
        if failure is not None and not isinstance(failure.error, CancelledError):
            span.set_attribute("error.type", failure.code)
            span.set_status(trace.StatusCode.ERROR, failure.message[:_MAX_MESSAGE])
    span.end()


def log_failure(operation: str, attempt: int, failure: CallFailure) -> None:
    """Log one failed attempt. A condition that did not hold is a result, not a failure."""
    if isinstance(failure.error, CancelledError):
        return
    _log.warning(
        "DynamoDB %s failed in attempt %d: %s: %s (request id %s)",
        operation,
        attempt + 1,
        failure.code,
        failure.message[:_MAX_MESSAGE] or "no message",
        failure.request_id or "none",
    )


def count_usage(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Add a call to the usage of the current request; `answer` is empty if the call failed.

    Items read are those that a query or scan evaluated and those that were fetched by key.
    """
    if (usage := current_usage.get(None)) is None:
        return
    consumed = answer.get("ConsumedCapacity") or []
    tables = consumed if isinstance(consumed, list) else [consumed]
    units = sum(table.get("CapacityUnits", 0.0) for table in tables)
    fetched = sum(map(len, answer.get("Responses", {}).values()))
    writes = "TransactItems" in parameters
    usage.record_call(
        read_units=0.0 if writes else units,
        write_units=units if writes else 0.0,
        items=answer.get("ScannedCount", 0) + fetched,
        index=parameters.get("IndexName"),
    )
