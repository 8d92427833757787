"""Values that a batch of reads will have: the engine waits for the batch, not for each."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")
_U = TypeVar("_U")


class Deferred(Generic[_T]):
    """A value that can be read from the result of a batch, once the batch is done.

    It is neither a coroutine nor a task, so a page of 200 links needs none. `read` returns the
    value, an error that takes its place, or another deferred value that does.
    """

    __slots__ = ("_read", "batch")

    def __init__(
        self, batch: asyncio.Future[Any], read: "Callable[[Any], _T | Exception | Deferred[_T]]"
    ) -> None:
        self.batch = batch
        """The future of the whole batch, shared by all its values; it must not be cancelled."""
        self._read = read

    @property
    def is_ready(self) -> bool:
        """True if the batch is done."""
        return self.batch.done()

    def outcome(self) -> "_T | Exception | Deferred[_T]":
        """Return the value, its error, or another deferred value to be waited for instead.

        Raises:
            Exception: The whole batch failed, or the value could not be made.
        """
        return self._read(self.batch.result())

    def result(self) -> "_T | Deferred[_T]":
        """Return the value, or another deferred value to be waited for instead.

        Raises:
            Exception: The error of the value or of the whole batch.
        """
        outcome = self.outcome()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def map(self, function: "Callable[[_T], _U | Deferred[_U]]") -> "Deferred[_U]":
        """Return the deferred result of a function of the value."""
        return _Mapped(self, function)

    def __await__(self) -> Generator[Any, None, _T]:
        """Wait for the value and return it; to cancel this cancels no batch."""
        current: _T | Deferred[_T] = self
        while isinstance(current, Deferred):
            if not current.batch.done():
                yield from asyncio.wait([current.batch]).__await__()
            current = current.result()
        return current


class _Mapped(Deferred[_U], Generic[_T, _U]):
    """The result of a function of a deferred value."""

    __slots__ = ("_function", "_source")

    def __init__(
        self, source: Deferred[_T], function: Callable[[_T], _U | Deferred[_U]]
    ) -> None:
        self.batch = source.batch
        self._source = source
        self._function = function

    def outcome(self) -> _U | Exception | Deferred[_U]:
        """Return the result of the function, or an error instead, or what to wait for."""
        value = self._source.outcome()
        if isinstance(value, Exception):
            return value
        if isinstance(value, Deferred):
            return value.map(self._function)
        return self._function(value)


def read(deferred: Deferred[Any]) -> Any:  # noqa: ANN401 - any value
    """Return the value or its error if it is there already, or else a deferred value."""
    value: Any = deferred
    try:
        while isinstance(value, Deferred) and value.batch.done():
            value = value.outcome()
    except Exception as error:  # noqa: BLE001 - the error of a field
        return error
    return value
