"""The kinds of values that resolvers return: plain ones, errors, and ones to be waited for."""

from collections.abc import Awaitable, Iterable, Mapping
from functools import lru_cache
from inspect import CO_ITERABLE_COROUTINE
from types import GeneratorType
from typing import Any, TypeGuard

from graphql import GraphQLBoolean, GraphQLError

from graph.engine.deferred import Deferred

_NOT_LISTS = (bytearray, bytes, str, memoryview, Mapping)
_DESCRIPTION_START = "Boolean cannot represent a non boolean value: "


@lru_cache(maxsize=1024)
def is_plain(value_class: type) -> bool:
    """Tell whether no object of a class is an error, or must be waited for."""
    return not (
        issubclass(value_class, (Exception, GeneratorType, Deferred))
        or hasattr(value_class, "__await__")
    )


def is_awaitable(value: object) -> TypeGuard[Awaitable[Any]]:
    """Tell whether a value can be awaited."""
    if isinstance(value, GeneratorType):
        return bool(value.gi_code.co_flags & CO_ITERABLE_COROUTINE)
    return hasattr(value, "__await__")


def is_list(value: object) -> TypeGuard[Iterable[Any]]:
    """Tell whether a value can be the value of a list."""
    return isinstance(value, Iterable) and not isinstance(value, _NOT_LISTS)


def describe(value: object) -> str:
    """Return graphql-core's description of a value, as it is in its error messages.

    They are the only place where it shows it publicly.
    """
    try:
        return str(GraphQLBoolean.coerce_input_value(value))
    except GraphQLError as error:
        return error.message.removeprefix(_DESCRIPTION_START)
