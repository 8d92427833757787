"""A batch loader: reads all keys of one turn of the event loop in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar, overload

from graph.engine.deferred import Deferred
from storage.errors import UndecodableError

_K = TypeVar("_K")
_T = TypeVar("_T")
Loaded: TypeAlias = _T | UndecodableError
"""A value, or the error of the one key whose value is stored but cannot be read."""
_Read: TypeAlias = Callable[[list[_K]], Awaitable[Sequence[Loaded[_T]]]]
_Values: TypeAlias = asyncio.Future[Sequence[Loaded[_T]]]


class BatchLoader(Generic[_K, _T]):
    """Collects the keys of one turn of the event loop, and reads each key once.

    `read` returns the values of keys in their order; `identity` returns what makes two keys
    the same, by default the key itself.

    Strawberry's DataLoader makes a future for each key; this one makes a future for each
    batch. A waiter that is cancelled does not cancel it, so the others still get their values.
    """

    def __init__(
        self, read: _Read[_K, _T], identity: Callable[[_K], Hashable] | None = None
    ) -> None:
        self._read = read
        self._identity = identity
        self._slots: dict[Hashable, _Slot[_K, _T]] = {}
        self._batch: _Batch[_K, _T] | None = None

    def load(self, key: _K) -> Deferred[_T]:
        """Return the value of a key, which is read together with other keys.

        It may raise UndecodableError: the value cannot be read.
        """
        batch, position = self._find_slot(key)
        return Deferred(batch.values, itemgetter(position))

    def load_many(self, keys: Iterable[_K]) -> Deferred[list[Loaded[_T]]]:
        """Return the values of keys, or their errors, in the keys' order."""
        return _read_slots([self._find_slot(key) for key in keys])

    def has(self, key: _K) -> bool:
        """Return whether a key has been read, or will be."""
        return (self._identity(key) if self._identity else key) in self._slots

    @property
    def open_size(self) -> int:
        """The number of keys that will be read in this turn of the event loop."""
        return len(self._batch.keys) if self._batch and self._batch.is_open else 0

    async def settle(self) -> None:
        """Wait until the latest keys have been read, without raising an error of that."""
        if self._batch and not self._batch.values.done():
            await asyncio.wait([self._batch.values])

    def put(self, values: Mapping[Hashable, _T]) -> None:
        """Keep values that were read in another way, by the identities of their keys."""
        batch = _Batch(self._read)
        batch.values.set_result(list(values.values()))
        for position, identity in enumerate(values):
            self._slots.setdefault(identity, (batch, position))

    def _find_slot(self, key: _K) -> "_Slot[_K, _T]":
        """Return the place of a key's value; a new key is added to the open batch."""
        identity = self._identity(key) if self._identity else key
        slot = self._slots.get(identity)
        if slot is None:
            batch = self._batch
            if batch is None or not batch.is_open:
                batch = self._batch = self._open_batch()
            slot = self._slots[identity] = batch, len(batch.keys)
            batch.keys.append(key)
        return slot

    def _open_batch(self) -> "_Batch[_K, _T]":
        """Open a batch, to be read after what the event loop has to run already."""
        batch = _Batch(self._read)
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: loop.create_task(batch.dispatch()))
        return batch


class _Batch(Generic[_K, _T]):
    """Keys that are read together, and one future for all of their values."""

    def __init__(self, read: _Read[_K, _T]) -> None:
        self.keys: list[_K] = []
        self.is_open = True
        self.values: _Values[_T] = asyncio.get_running_loop().create_future()
        self._read = read

    async def dispatch(self) -> None:
        """Accept no more keys, read them, and set the values or the error."""
        self.is_open = False
        try:
            values = await self._read(self.keys)
        except Exception as error:  # noqa: BLE001 - it is raised where the values are used
            self.values.set_exception(error)
            self.values.exception()  # asyncio logs errors that nobody retrieves
        else:
            self.values.set_result(values)


_Slot: TypeAlias = tuple[_Batch[_K, _T], int]
"""A batch, and the position of a value in it."""


def require_value(value: Loaded[_T]) -> _T:
    """Return a value.

    Raises:
        UndecodableError: It is an error.
    """
    if isinstance(value, UndecodableError):
        raise value
    return value


@overload
def as_field_value(value: Deferred[_T]) -> _T: ...
@overload
def as_field_value(value: Deferred[_T] | None) -> _T | None: ...
def as_field_value(value: Any) -> Any:
    """Return what a resolver returns: a deferred value, or None.

    The annotation of a resolver is the field's type in the schema, so type checkers must take
    the deferred value for the value itself.
    """
    return value


def _read_slots(slots: "Sequence[_Slot[Any, _T]]") -> Deferred[list[Loaded[_T]]]:
    """Return values of batches as one list, which is there when all of the batches are done."""
    futures = {batch.values for batch, _ in slots}
    if len(futures) == 1:
        positions = [position for _, position in slots]
        return Deferred(futures.pop(), lambda values: [values[each] for each in positions])

    def read(_: object) -> Any:  # noqa: ANN401 - the values, or what is to be waited for
        pending = [future for future in futures if not future.done()]
        if pending:
            return Deferred(pending[0], read)
        return [batch.values.result()[position] for batch, position in slots]

    pending = [future for future in futures if not future.done()]
    return Deferred(pending[0] if pending else _done(None), read)


def _done(result: _T) -> asyncio.Future[_T]:
    future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future
