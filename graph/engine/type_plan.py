"""Plans the completion of values of an output type, once for all values."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
    get_nullable_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

TYPES_BY_CLASS = "types_by_class"
"""Extension key of interfaces and unions: the names of the types of objects, by their class."""
OBJECT_CLASS = "object_class"
"""Extension key of object types: the class whose own objects need no `is_type_of`."""

_UNCHANGED: dict[Any, type] = {
    GraphQLBoolean: bool,
    GraphQLID: str,
    GraphQLString: str,
}
"""Types whose values of exactly this class are serialised as they are."""
_CLASSES = {str, bool, int}
"""Classes that as functions return their own objects unchanged."""


class Kind(Enum):
    """The kinds of types, which need different steps to complete a value."""

    LEAF = auto()
    LIST = auto()
    OBJECT = auto()
    ABSTRACT = auto()


class TypePlan:
    """The plan by which values of an output type are completed."""

    __slots__ = (
        "coerce",
        "is_enum",
        "is_non_null",
        "item",
        "kind",
        "object_class",
        "type",
        "types_by_class",
        "unchanged",
    )

    def __init__(self, output_type: GraphQLOutputType) -> None:
        self.is_non_null = is_non_null_type(output_type)
        nullable: Any = get_nullable_type(output_type)
        self.type: Any = nullable
        self.kind = _find_kind(nullable)
        self.item = TypePlan(nullable.of_type) if self.kind is Kind.LIST else None
        is_leaf = self.kind is Kind.LEAF
        self.coerce: Callable[[Any], Any] | None = (
            nullable.coerce_output_value if is_leaf else None
        )
        self.unchanged = _find_unchanged(nullable) if is_leaf else None
        self.is_enum = is_enum_type(nullable)
        extensions = nullable.extensions if isinstance(nullable, GraphQLNamedType) else {}
        self.object_class: type | None = extensions.get(OBJECT_CLASS)
        self.types_by_class: dict[type, str] = extensions.get(TYPES_BY_CLASS, {})


def _find_kind(nullable: GraphQLOutputType) -> Kind:
    if is_leaf_type(nullable):
        return Kind.LEAF
    if is_list_type(nullable):
        return Kind.LIST
    return Kind.OBJECT if is_object_type(nullable) else Kind.ABSTRACT


def _find_unchanged(leaf_type: Any) -> type | None:  # noqa: ANN401 - any leaf type
    """Return the class whose own objects are serialised unchanged; None if there is none."""
    if isinstance(leaf_type, GraphQLScalarType) and leaf_type.coerce_output_value in _CLASSES:
        return leaf_type.coerce_output_value
    return _UNCHANGED.get(leaf_type)
