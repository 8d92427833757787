"""Errors for which a request is not executed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graph.errors import RequestError, format_request_error


class NotExecutedError(Exception):
    """A request is not executed, because of errors that are formatted for its response."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


@contextmanager
def rejections() -> Iterator[None]:
    """Raise errors of a request as those for which it is not executed."""
    try:
        yield
    except RequestError as error:
        raise NotExecutedError([format_request_error(error)]) from None
