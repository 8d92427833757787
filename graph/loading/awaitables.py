"""Which values are to be awaited, and what follows from those that may be."""

from collections.abc import Awaitable, Callable, Sequence
from types import GeneratorType
from typing import Any, TypeGuard, TypeVar, cast

from graphql.pyutils import AwaitableOrValue, gather_with_cancel
from graphql.pyutils import is_awaitable as default_is_awaitable

__all__ = ["default_is_awaitable", "is_awaitable", "then", "waited_for"]

_T = TypeVar("_T")
_U = TypeVar("_U")
_Results = TypeVar("_Results", dict[str, Any], list[Any])

_IS_AWAITABLE: dict[type, bool] = {}


def is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    """Whether `await` takes a value, which is up to its type; asked 2,000 times for a page."""
    of = type(value)
    known = _IS_AWAITABLE.get(of)
    if known is None:
        if of is GeneratorType:  # the old coroutines are generators that are marked
            return default_is_awaitable(value)
        known = _IS_AWAITABLE[of] = hasattr(of, "__await__")
    return known


def then(value: AwaitableOrValue[_T], make: Callable[[_T], _U]) -> _U:
    """What is made of a value, or an awaitable of it: types do not say, for GraphQL waits."""
    if is_awaitable(value):
        return cast("_U", _later(value, make))
    ready: Any = value
    return make(ready)


async def waited_for(results: _Results, waiting: Sequence[Any]) -> _Results:
    """The results, when those of the names or indices have been waited for together."""
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
    else:
        values = await gather_with_cancel(*(results[name] for name in waiting))
        for name, value in zip(waiting, values, strict=True):
            results[name] = value
    return results


async def _later(value: Awaitable[_T], make: Callable[[_T], _U]) -> _U:
    return make(await value)
