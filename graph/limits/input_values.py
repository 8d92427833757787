"""The sizes of the values that clients send as variables, checked before they are coerced."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from graph.errors import Code, RequestError

MAX_VALUES = 20_000
"""Values inside the lists and objects of all variables; each takes about 5 µs to coerce."""
MAX_LIST = 1_000
"""The items of a list: ten times as many as any argument allows."""
MAX_TEXT = 20_000
"""The characters of a text: more than any valid argument has."""
_ASCII_OF_COST, _OTHERS_OF_COST = 500, 25
"""The characters of a text that cost as much as a field: those outside of ASCII take up to
0.4 µs each to normalise."""


def check_variables(variables: Mapping[str, Any]) -> int:
    """Check the sizes of raw variables; return the number of values inside them.

    Raises:
        RequestError: They are too large; each limit is more than any argument accepts.
    """
    if len(variables) > MAX_LIST:
        raise _too_large(f"more than {MAX_LIST:,} names")
    count = -len(variables)
    remaining: list[Collection[Any]] = [variables.values()]
    while remaining:
        values = remaining.pop()
        count += len(values)
        if count > MAX_VALUES:
            raise _too_large(f"more than {MAX_VALUES:,} values")
        remaining += (each for each in map(_check_value, values) if each)
    return count


def _check_value(value: object) -> Collection[Any]:
    """Return the values inside a value."""
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise _too_large(f"a text of more than {MAX_TEXT:,} characters")
    if isinstance(value, list):
        if len(value) > MAX_LIST:
            raise _too_large(f"a list of more than {MAX_LIST:,} items")
        return value
    return ()


def price_values(arguments: Mapping[str, Any]) -> int:
    """Return what the values inside coerced arguments cost, with their texts."""
    cost = -len(arguments)
    for value in _iterate_values(arguments):
        cost += 1
        if isinstance(value, str):
            cost += len(value) // (_ASCII_OF_COST if value.isascii() else _OTHERS_OF_COST)
    return cost


def count_possible_errors(arguments: Mapping[str, Any]) -> int:
    """Return how many errors a mutation with these coerced arguments can return at most.

    A value has one error, and so has an object or list that is empty.
    """
    return sum(not isinstance(v, dict | list) or not v for v in _iterate_values(arguments))


def _iterate_values(arguments: Mapping[str, Any]) -> Iterator[Any]:
    """Yield arguments and the values inside them, containers too."""
    remaining: list[Collection[Any]] = [arguments.values()]
    while remaining:
        for value in remaining.pop():
            yield value
            if isinstance(value, dict):
                remaining.append(value.values())
            elif isinstance(value, list):
                remaining.append(value)


def _too_large(what: str) -> RequestError:
    return RequestError(Code.QUERY_TOO_COMPLEX, f"The variables have {what}.")
