"""Resolvers and attributes that fields can use without Strawberry's chain of calls.

Strawberry calls every resolver through a chain for arguments, extensions and permissions. Most
fields here have none of these, and the chain takes longer than the resolver itself.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

RECORDED = "recorded"
"""Metadata key of fields that are attributes of their object's record."""
_OBJECT_CLASS = "object_class"
"""Extension key of object types: the class of their objects."""
_DIRECT_RESOLVER = "direct_resolver"
"""Extension key of fields: their direct resolver."""
_SHOWN_CLASS = "__shows__"
"""Attribute of Strawberry types whose objects are of another class: that class."""


def attach_direct_resolvers(schema: GraphQLSchema) -> None:
    """Let the fields of a schema call resolvers directly where they need no arguments.

    This also notes the class of each type's objects, for `get_object_class`.
    """
    for object_type in schema.type_map.values():
        if isinstance(object_type, GraphQLObjectType) and not object_type.name.startswith("__"):
            object_type.extensions[_OBJECT_CLASS] = _find_object_class(object_type)
            for field in object_type.fields.values():
                if resolver := _create_direct_resolver(field):
                    field.extensions[_DIRECT_RESOLVER] = resolver
                    if not field.args:
                        field.resolve = resolver


def get_strawberry_field(field: GraphQLField) -> StrawberryField | None:
    """Return Strawberry's definition of a field; None for an introspection field."""
    strawberry_field: StrawberryField | None = field.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    return strawberry_field


def get_attribute_path(field: GraphQLField) -> str | None:
    """Return the attribute of the object, or of its record, that a field's value is.

    The path has the form that attrgetter takes; it is None if the field has a resolver.
    """
    strawberry_field = get_strawberry_field(field)
    if strawberry_field is None or not strawberry_field.is_basic_field:
        return None
    if strawberry_field.default_resolver is not getattr:
        return None
    name = strawberry_field.python_name
    return f"record.{name}" if RECORDED in strawberry_field.metadata else name


def get_direct_resolver(field: GraphQLField, node: FieldNode) -> Callable[..., Any] | None:
    """Return the direct resolver of a field, called with its object and info alone.

    None if the document gives arguments. Those that it leaves out have the same defaults in
    the resolver's signature.
    """
    if node.arguments:
        return None
    resolver: Callable[..., Any] | None = field.extensions.get(_DIRECT_RESOLVER)
    return resolver


def get_object_class(object_type: GraphQLObjectType) -> type | None:
    """Return the class whose objects need no type check; None for an introspection type."""
    object_class: type | None = object_type.extensions.get(_OBJECT_CLASS)
    return object_class


def _create_direct_resolver(field: GraphQLField) -> Callable[..., Any] | None:
    """Return a direct resolver for a field; None if the field needs Strawberry's chain."""
    strawberry_field = get_strawberry_field(field)
    if strawberry_field is None or strawberry_field.extensions:
        return None
    resolver = strawberry_field.base_resolver
    if resolver is None:
        return None
    if resolver.self_parameter is None or resolver.root_parameter or resolver.parent_parameter:
        return None
    function: Any = resolver.wrapped_func
    if resolver.info_parameter is None:
        return lambda source, _: function(source)

    def resolve(source: object, info: GraphQLResolveInfo[Any]) -> Any:  # noqa: ANN401 - any field's value
        return function(source, Info(info, strawberry_field))

    return resolve


def _find_object_class(object_type: GraphQLObjectType) -> type | None:
    definition: StrawberryObjectDefinition | None = object_type.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    if definition is None:
        return None
    return getattr(definition.origin, _SHOWN_CLASS, definition.origin)
