"""Functions for values that may have to be awaited."""

from collections.abc import Awaitable, Callable, Sequence
from types import GeneratorType
from typing import Any, TypeGuard, TypeVar, cast

from graphql.pyutils import AwaitableOrValue, gather_with_cancel
from graphql.pyutils import is_awaitable as default_is_awaitable

__all__ = ["await_results", "default_is_awaitable", "is_awaitable", "map_awaitable"]

_T = TypeVar("_T")
_U = TypeVar("_U")
_Results = TypeVar("_Results", dict[str, Any], list[Any])

_IS_AWAITABLE: dict[type, bool] = {}


def is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    """Return whether `await` accepts a value.

    The result depends on the value's type alone and is cached by type: a page of 100 models
    takes 2,000 calls.
    """
    value_type = type(value)
    known = _IS_AWAITABLE.get(value_type)
    if known is None:
        if value_type is GeneratorType:  # a flag of each generator says if it is a coroutine
            return default_is_awaitable(value)
        known = _IS_AWAITABLE[value_type] = hasattr(value_type, "__await__")
    return known


def map_awaitable(value: AwaitableOrValue[_T], function: Callable[[_T], _U]) -> _U:
    """Apply a function to a value, or to the result of an awaitable.

    For an awaitable, the return value is one too. The type does not say so, because GraphQL
    awaits what resolvers return, and their annotations are the types of the schema.
    """
    if is_awaitable(value):
        return cast("_U", _apply_later(value, function))
    ready: Any = value
    return function(ready)


async def await_results(results: _Results, keys: Sequence[Any]) -> _Results:
    """Await the results with these keys or indices concurrently, and replace them in place."""
    if len(keys) == 1:
        results[keys[0]] = await results[keys[0]]
    else:
        values = await gather_with_cancel(*(results[key] for key in keys))
        for key, value in zip(keys, values, strict=True):
            results[key] = value
    return results


async def _apply_later(value: Awaitable[_T], function: Callable[[_T], _U]) -> _U:
    return function(await value)
