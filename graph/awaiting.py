"""Awaitable values: which they are, and coroutines that are begun before they are awaited."""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeGuard

_IS_AWAITABLE: dict[type, bool] = {}


def is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    """Whether `await` takes a value, which is up to its type; asked 2,000 times for a page."""
    of = type(value)
    if of not in _IS_AWAITABLE:
        _IS_AWAITABLE[of] = hasattr(of, "__await__")
    return _IS_AWAITABLE[of]


class Begun:
    """The rest of a coroutine that was begun and waits for what it has yielded."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: object) -> None:
        self._coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        """Wait as the coroutine itself would, and go on with it."""
        awaited = self._awaited
        step: Callable[[], object]
        while True:
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's
                step = partial(self._coroutine.throw, error)
            else:
                step = partial(self._coroutine.send, sent)
            try:
                awaited = step()
            except StopIteration as returned:
                return returned.value
