"""A batch loader: reads all keys of one turn of the event loop in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

from graphql.pyutils import AwaitableOrValue

from storage.errors import UndecodableError

_K = TypeVar("_K")
_T = TypeVar("_T")
Loaded: TypeAlias = _T | UndecodableError
"""A value, or the error of the one key whose value is stored but cannot be read."""
_Read: TypeAlias = Callable[[list[_K]], Awaitable[Sequence[Loaded[_T]]]]
_Values: TypeAlias = asyncio.Future[Sequence[Loaded[_T]]]
_Slot: TypeAlias = tuple[_Values[_T], int]
"""The future values of a batch, and the index of one key's value among them."""


class BatchLoader(Generic[_K, _T]):
    """Collects the keys of one turn of the event loop, and reads each key once.

    `read` returns the values of keys in their order; `identity` returns what makes two keys
    the same, by default the key itself.

    Strawberry's DataLoader makes a future for each key; this one makes a future for each
    batch. A waiter that is cancelled does not cancel it, so the others still get their values:
    graphql-core cancels the siblings of a non-null field that fails.
    """

    def __init__(
        self, read: _Read[_K, _T], identity: Callable[[_K], Hashable] | None = None
    ) -> None:
        self._read = read
        self._identity = identity
        self._slots: dict[Hashable, _Slot[_T]] = {}
        self._batch: _Batch[_K, _T] | None = None

    async def load(self, key: _K) -> _T:
        """Return the value of a key, which is read together with other keys.

        Raises:
            UndecodableError: The value cannot be read.
        """
        (value,) = await self.load_many([key])
        return require_value(value)

    async def load_many(self, keys: Iterable[_K]) -> list[Loaded[_T]]:
        """Return the values of keys, or their errors, in the keys' order."""
        return await _wait_for_values([self._get_slot(key) for key in keys])

    def get_or_schedule(self, key: _K) -> AwaitableOrValue[_T]:
        """Return the value of a key if it has been read; else an awaitable of it.

        The key is scheduled at once, so that all keys of a level belong to one batch.
        Either may raise UndecodableError.
        """
        values, index = slot = self._get_slot(key)
        if values.done():
            return require_value(values.result()[index])
        return _wait_for_value(slot)

    def get_many_or_schedule(self, keys: Iterable[_K]) -> AwaitableOrValue[list[Loaded[_T]]]:
        """Return what `load_many` returns; without waiting if all have been read."""
        slots = [self._get_slot(key) for key in keys]
        are_read = all(values.done() for values, _ in slots)
        return _get_values(slots) if are_read else _wait_for_values(slots)

    def prefetch(self, keys: Iterable[_K]) -> Awaitable[None] | None:
        """Schedule keys; return an awaitable, or None if all have been read.

        The awaitable raises no error of the read: `load` does.
        """
        pending = {values for values, _ in map(self._get_slot, keys) if not values.done()}
        return _wait_for(pending) if pending else None

    def put(self, values: Mapping[_K, _T]) -> None:
        """Keep values that were read in another way, for keys that are not scheduled yet."""
        read: _Values[_T] = asyncio.get_running_loop().create_future()
        read.set_result([*values.values()])
        for index, key in enumerate(values):
            identity = self._identity(key) if self._identity else key
            self._slots.setdefault(identity, (read, index))

    def _get_slot(self, key: _K) -> _Slot[_T]:
        """Return the slot of a key, which is added to the open batch if it is new."""
        identity = self._identity(key) if self._identity else key
        slot = self._slots.get(identity)
        if slot is None:
            batch = self._batch
            if batch is None or not batch.is_open:
                batch = self._batch = self._open_batch()
            slot = self._slots[identity] = batch.values, len(batch.keys)
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
        except Exception as error:  # noqa: BLE001 - it is raised where the values are awaited
            self.values.set_exception(error)
            self.values.exception()  # asyncio logs errors that nobody retrieves
        else:
            self.values.set_result(values)


def require_value(value: Loaded[_T]) -> _T:
    """Return a value.

    Raises:
        UndecodableError: It is an error.
    """
    if isinstance(value, UndecodableError):
        raise value
    return value


def _get_values(slots: Iterable[_Slot[_T]]) -> list[Loaded[_T]]:
    return [values.result()[index] for values, index in slots]


async def _wait_for_value(slot: _Slot[_T]) -> _T:
    (value,) = await _wait_for_values([slot])
    return require_value(value)


async def _wait_for_values(slots: Sequence[_Slot[_T]]) -> list[Loaded[_T]]:
    await _wait_for(values for values, _ in slots)
    return _get_values(slots)


async def _wait_for(batches: Iterable[_Values[_T]]) -> None:
    """Wait until batches have been read, without raising their errors or cancelling them."""
    if pending := {values for values in batches if not values.done()}:
        await asyncio.wait(pending)
