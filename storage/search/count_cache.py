"""Keeps counts and facets while nothing changes in the store."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakValueDictionary

_Result = TypeVar("_Result")


class CountCache:
    """Keeps the results of counts, the most recently used ones; shared between threads.

    A result belongs to a token, which the caller reads from the store, in the transaction in
    which it counts, and which differs after every change.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._lock = Lock()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._running: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()

    def get_or_count(
        self, token: Hashable, key: Hashable, count: Callable[[], _Result]
    ) -> _Result:
        """Return the result for this token and key; call `count` if there is none.

        Threads that ask for the same at once wait for the first one. `count` may ask for other
        keys, but not in a circle. A result of another token gives way to the one of this token.
        """
        with self._lock:
            running = self._running.setdefault((token, key), Lock())
        with running:
            with self._lock:
                if key in self._results:
                    counted_at, result = self._results[key]
                    if counted_at == token:
                        self._results.move_to_end(key)
                        return result  # type: ignore[no-any-return] # what `count` of the key gave
            counted = count()
            self._keep(token, key, counted)
        return counted

    def _keep(self, token: Hashable, key: Hashable, result: object) -> None:
        with self._lock:
            self._results[key] = (token, result)
            self._results.move_to_end(key)
            while len(self._results) > self._size:
                self._results.popitem(last=False)
