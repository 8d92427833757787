"""Answers requests that no endpoint handles, in the form of all other errors."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from graph.errors import Code, RequestError
from graph.http.response import to_error_response

_MESSAGES = {
    404: "There is nothing at this path; the API is at /graphql.",
    405: "This path does not have the method; the header Allow says which it has.",
}


def add_error_handler(app: FastAPI) -> None:
    """Answer requests for other paths and with other methods."""
    app.add_exception_handler(HTTPException, _respond)


async def _respond(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    message = _MESSAGES.get(error.status_code, error.detail)
    request_error = RequestError(
        Code.BAD_USER_INPUT, message, error.headers, status=error.status_code
    )
    return to_error_response(request_error, {})
