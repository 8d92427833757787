"""The lengths of the lists of introspection."""

from collections.abc import Iterable, Mapping

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

INTROSPECTION_COST = 3
"""A field of introspection takes so many times as long as another one."""
_WRAPPED = 0.5
"""The share of types that are lists or not null: only those have an `ofType`."""


def measure_introspection(schema: GraphQLSchema) -> Mapping[str, float]:
    """Return how often what is below a field of introspection is repeated, by name.

    Lists of the schema have their length, lists of a type the average length of all types;
    `__type` may be about the longest type, so it counts as several.
    """
    types = list(schema.type_map.values())
    lengths = [_measure_type(each) for each in types]
    averages = {name: _average(each[name] for each in lengths) for name in lengths[0]}
    longest = max(each["fields"] for each in lengths)
    arguments = [len(field.args) for each in types for field in _get_fields(each).values()]
    return {
        **averages,
        "types": len(types),
        "directives": len(schema.directives),
        "args": max(1, _average(arguments)),
        "interfaces": 0.25,
        "possibleTypes": 0.25,
        "ofType": _WRAPPED,
        "__type": longest / averages["fields"],
        "__schema": 1,
    }


def _measure_type(type_: GraphQLNamedType) -> dict[str, int]:
    """Return the lengths of the lists of a type."""
    return {
        "fields": len(_get_fields(type_)),
        "inputFields": len(type_.fields) if isinstance(type_, GraphQLInputObjectType) else 0,
        "enumValues": len(type_.values) if isinstance(type_, GraphQLEnumType) else 0,
    }


def _get_fields(type_: GraphQLNamedType) -> Mapping[str, GraphQLField]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        fields: Mapping[str, GraphQLField] = type_.fields
        return fields
    return {}


def _average(counts: Iterable[int]) -> float:
    numbers = list(counts)
    return sum(numbers) / len(numbers)
