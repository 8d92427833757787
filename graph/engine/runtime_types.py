"""Finds the object types of values: of interfaces and unions, and where types are checked."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    is_object_type,
)
from graphql.execution import default_type_resolver

from graph.engine.objects import Places
from graph.engine.resolve import Resolver
from graph.engine.type_plan import Kind
from graph.engine.values import describe, is_awaitable


@dataclass(frozen=True, slots=True)
class Typed:
    """A value whose type was found by awaiting it."""

    value: Any
    object_type: GraphQLObjectType


class RuntimeTypes:
    """Finds the object types of the values of one execution."""

    def __init__(self, schema: GraphQLSchema, resolver: Resolver) -> None:
        self._schema = schema
        self._resolver = resolver

    def get_type(self, name: str) -> GraphQLObjectType:
        """Return an object type of the schema by its name."""
        return cast(GraphQLObjectType, self._schema.get_type(name))

    def find(self, places: Places, index: int) -> GraphQLObjectType | Awaitable[Typed]:
        """Return the object type of a value, or an awaitable of the value with its type.

        Raises:
            Exception: No type was found, the type is not possible there, or a function of the
                schema failed.
        """
        value, plan = places.values[index], places.type
        if plan.kind is Kind.OBJECT and not plan.type.is_type_of:
            object_type: GraphQLObjectType = plan.type
            return object_type
        info = self._resolver.create_info(places.field, places.get_field_path(index))
        if plan.kind is Kind.OBJECT:
            return self._check(plan.type, value, info)
        name = (plan.type.resolve_type or default_type_resolver)(value, info, plan.type)
        if is_awaitable(name):
            return self._await_name(plan.type, name, value, info)
        return self._check(self._get_possible(plan.type, name, value, info), value, info)

    def _check(
        self, object_type: GraphQLObjectType, value: object, info: GraphQLResolveInfo[Any]
    ) -> GraphQLObjectType | Awaitable[Typed]:
        """Let the type itself, if it can, check that a value is of this type."""
        if object_type.is_type_of:
            is_of_type = object_type.is_type_of(value, info)
            if is_awaitable(is_of_type):
                return _await_check(object_type, is_of_type, value, info)
            if not is_of_type:
                raise _create_type_error(object_type, value, info)
        return object_type

    async def _await_name(
        self,
        abstract_type: Any,  # noqa: ANN401 - an interface or union
        name: Awaitable[Any],
        value: object,
        info: GraphQLResolveInfo[Any],
    ) -> Typed:
        found = self._get_possible(abstract_type, await name, value, info)
        checked = self._check(found, value, info)
        return (
            Typed(value, checked) if isinstance(checked, GraphQLObjectType) else await checked
        )

    def _get_possible(
        self,
        abstract_type: Any,  # noqa: ANN401 - an interface or union
        name: object,
        value: object,
        info: GraphQLResolveInfo[Any],
    ) -> GraphQLObjectType:
        """Return the type with a name, if an interface or union has it."""
        if not isinstance(name, str):
            message = _describe_wrong_name(abstract_type, name, value, info)
            raise GraphQLError(message, info.field_nodes)
        object_type: Any = self._schema.get_type(name)
        start = f"Abstract type '{abstract_type}' was resolved to"
        if object_type is None:
            message = f"{start} a type '{name}' that does not exist inside the schema."
        elif not is_object_type(object_type):
            message = f"{start} a non-object type '{name}'."
        elif not self._schema.is_sub_type(abstract_type, object_type):
            message = (
                f"Runtime Object type '{name}' is not a possible type for '{abstract_type}'."
            )
        else:
            return object_type
        raise GraphQLError(message, info.field_nodes)


async def _await_check(
    object_type: GraphQLObjectType,
    is_of_type: Awaitable[bool],
    value: object,
    info: GraphQLResolveInfo[Any],
) -> Typed:
    if not await is_of_type:
        raise _create_type_error(object_type, value, info)
    return Typed(value, object_type)


def _create_type_error(
    object_type: GraphQLObjectType, value: object, info: GraphQLResolveInfo[Any]
) -> GraphQLError:
    message = f"Expected value of type '{object_type}' but got: {describe(value)}."
    return GraphQLError(message, info.field_nodes)


def _describe_wrong_name(
    abstract_type: object, name: object, value: object, info: GraphQLResolveInfo[Any]
) -> str:
    start = (
        f"Abstract type '{abstract_type}' must resolve to an Object type at runtime"
        f" for field '{info.parent_type}.{info.field_name}'"
    )
    if name is None:
        return (
            f"{start}. Either the '{abstract_type}' type should provide a 'resolve_type'"
            " function or each possible type should provide an 'is_type_of' function."
        )
    return (
        f"{start} with value {describe(value)}, received '{describe(name)}',"
        " which is not a valid Object type name."
    )
