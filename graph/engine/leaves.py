"""Serialises scalars and enums, all values of a field together."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from graphql import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT, GraphQLFloat, GraphQLInt, Undefined

from graph.engine.type_plan import TypePlan
from graph.engine.values import describe

_NULL = type(None)
_NUMBERS = {bool, float, int}
_NUMBER_SIZE = 8


class LeafError:
    """The error of one value; without an error, the value is null and must not be."""

    __slots__ = ("error",)

    def __init__(self, error: Exception | None) -> None:
        self.error = error


def measure_serialised(leaf_type: TypePlan, values: Sequence[Any]) -> int | None:
    """Return about how many bytes values have in the response.

    None if they are not all what they would be serialised to.
    """
    if len(values) == 1 and leaf_type.unchanged is str and type(values[0]) is str:
        return len(values[0])
    return estimate_size(values) if is_serialised(leaf_type, values) else None


def is_serialised(leaf_type: TypePlan, values: Sequence[Any]) -> bool:
    """Tell whether all values are what they would be serialised to."""
    classes = set(map(type, values))
    if _NULL in classes:
        if leaf_type.is_non_null:
            return False
        classes.remove(_NULL)
    if not classes or classes == {leaf_type.unchanged}:
        return True
    if leaf_type.type is GraphQLFloat and classes == {float}:
        return isfinite(sum(filter(None, values)))
    if leaf_type.type is GraphQLInt and classes == {int}:
        numbers = [value for value in values if value is not None]
        return bool(min(numbers) >= GRAPHQL_MIN_INT and max(numbers) <= GRAPHQL_MAX_INT)
    return False


def serialise(leaf_type: TypePlan, values: Sequence[Any]) -> list[Any]:
    """Return the serialised values, with a LeafError for each that cannot be serialised."""
    if leaf_type.is_enum and len(set(map(type, values)) - {_NULL}) == 1:
        try:
            known = {value: _serialise(leaf_type, value) for value in set(values)}
        except TypeError:  # they are not hashable
            pass
        else:
            return [known[value] for value in values]
    return [_serialise(leaf_type, value) for value in values]


def estimate_size(values: Sequence[Any]) -> int:
    """Return about how many bytes values have in the response."""
    classes = set(map(type, values)) - {_NULL}
    if classes == {str}:
        return sum(map(len, filter(None, values)))
    if classes <= _NUMBERS:
        return len(values) * _NUMBER_SIZE
    return sum(len(value) if isinstance(value, str) else len(repr(value)) for value in values)


def _serialise(leaf_type: TypePlan, value: object) -> Any:  # noqa: ANN401 - any value, or a LeafError
    if value is None or value is Undefined:
        return LeafError(None) if leaf_type.is_non_null else None
    coerce: Any = leaf_type.coerce
    try:
        result = coerce(value)
        if result is None or result is Undefined:
            raise TypeError(  # noqa: TRY301 - as if the type had raised it
                f"Expected `{leaf_type.type}.coerce_output_value({describe(value)})` to return"
                f" non-nullable value, returned: {describe(result)}"
            )
    except Exception as error:  # noqa: BLE001 - the field's error
        return LeafError(error)
    return result
