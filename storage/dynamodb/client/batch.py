"""Keeps the state of several calls that are sent together until each has its answer."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.trace import Span

from storage.dynamodb.client.errors import CallFailure, TransientError
from storage.dynamodb.client.telemetry import (
    count_usage,
    end_span,
    log_failure,
    start_spans,
)
from storage.dynamodb.client.transport import Call, CallResult


class CallBatch:
    """Calls, the answers they have so far, and the failures of the last attempt."""

    def __init__(self, calls: Sequence[Call], table: str) -> None:
        self._calls = calls
        self._answers: dict[int, dict[str, Any]] = {}
        self._spans: dict[int, Span] = dict(
            enumerate(start_spans([operation for operation, _ in calls], table))
        )
        self.failures: dict[int, CallFailure] = {}

    @property
    def pending(self) -> list[Call]:
        """The calls without an answer, in order."""
        return [call for index, call in enumerate(self._calls) if index not in self._answers]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """All answers, in the order of the calls."""
        return [self._answers[index] for index in range(len(self._calls))]

    @property
    def error(self) -> Exception | None:
        """The error of the last attempt: a permanent one, if any, else a transient one."""
        errors = [failure.error for failure in self.failures.values()]
        permanent = (error for error in errors if not isinstance(error, TransientError))
        return next(permanent, errors[0] if errors else None)

    def record(self, results: Sequence[CallResult], attempt: int) -> int:
        """Take the results of the pending calls and return how many of them succeeded."""
        indexes = [index for index in range(len(self._calls)) if index not in self._answers]
        self.failures = {}
        for index, result in zip(indexes, results, strict=True):
            operation, parameters = self._calls[index]
            if isinstance(result, CallFailure):
                self.failures[index] = result
                log_failure(operation, attempt, result)
                count_usage(parameters, {})
            else:
                self._answers[index] = result.answer
                count_usage(parameters, result.answer)
                end_span(self._spans.pop(index), result.request_id)
        return len(indexes) - len(self.failures)

    def close(self) -> None:
        """End the spans of the calls that failed for good."""
        for index, span in self._spans.items():
            failure = self.failures.get(index)
            end_span(span, failure.request_id if failure else "", failure)
