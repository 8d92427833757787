"""Formats the results of executed operations."""

from typing import Any

from graphql import ExecutionResult

from graph.errors import format_execution_errors


def to_content(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    """Return the response to an executed request; without `data` if execution never began."""
    errors = format_execution_errors(result.errors or (), request_id)
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}
