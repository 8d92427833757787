"""How many requests are worked on at once: more are refused, rather than made to wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from graph.errors import Code, RequestError

_RETRY_SECONDS = 1


class ConcurrencyLimit:
    """A number of places."""

    def __init__(self, places: int) -> None:
        self._left = places

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            RequestError: where there is none left.
        """
        if self._left == 0:
            raise RequestError(
                Code.UNAVAILABLE,
                "There are too many requests at once; try again.",
                {"retry-after": str(_RETRY_SECONDS)},
            )
        self._left -= 1
        try:
            yield
        finally:
            self._left += 1
