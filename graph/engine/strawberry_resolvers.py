"""Tells the engine how to read the fields of a Strawberry schema without Strawberry's calls.

Strawberry calls every resolver through a chain for arguments, extensions and permissions. Most
fields here have none of these, and the chain takes longer than the resolver itself.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
    is_introspection_type,
    is_object_type,
)
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graph.engine.plan import BATCH, COLUMN, DIRECT, Bind, Column
from graph.engine.type_plan import OBJECT_CLASS, TYPES_BY_CLASS
from storage.artifacts.records import DetailNotReadError, NotRead

RECORDED = "recorded"
"""Metadata key of fields that are attributes of their object's record."""
_SHOWN_CLASS = "__shows__"
"""Attribute of Strawberry types whose objects are of another class: that class."""


def attach_resolvers(schema: strawberry.Schema, core_schema: GraphQLSchema) -> None:
    """Set the extensions of the fields and types of a schema that the engine uses."""
    types = [t for t in core_schema.type_map.values() if not is_introspection_type(t)]
    for object_type in filter(is_object_type, types):
        object_type.extensions[OBJECT_CLASS] = _get_object_class(schema, object_type)
        for name, field in object_type.fields.items():
            if strawberry_field := schema.get_field_for_type(name, object_type.name):
                _attach_to_field(schema, field, strawberry_field)
    for abstract_type in filter(is_abstract_type, types):
        abstract_type.extensions[TYPES_BY_CLASS] = {
            possible_type.extensions[OBJECT_CLASS]: possible_type.name
            for possible_type in core_schema.get_possible_types(abstract_type)
        }


def _attach_to_field(
    schema: strawberry.Schema, field: GraphQLField, strawberry_field: StrawberryField
) -> None:
    if strawberry_field.is_basic_field and strawberry_field.default_resolver is getattr:
        field.extensions[COLUMN] = _create_column(strawberry_field)
    elif batch := strawberry_field.metadata.get(BATCH):
        field.extensions[BATCH] = _create_bind(schema, strawberry_field, batch)
    elif _is_plain_method(strawberry_field):
        resolver: Any = strawberry_field.base_resolver
        function = resolver.wrapped_func
        field.extensions[DIRECT] = _create_bind(schema, strawberry_field, function)


def _is_plain_method(field: StrawberryField) -> bool:
    """Return whether a method of the object resolves a field, with nothing around it."""
    resolver = field.base_resolver
    if resolver is None or resolver.self_parameter is None or field.extensions:
        return False
    if field.is_subscription:  # its resolver makes the events; each of them is a value
        return False
    return resolver.root_parameter is None and resolver.parent_parameter is None


def _create_column(field: StrawberryField) -> Column:
    """Return a function that reads an attribute of objects or of their records.

    It raises DetailNotReadError if the projection of the request left out the attribute.
    """
    name = field.python_name
    read = attrgetter(f"record.{name}" if RECORDED in field.metadata else name)

    def read_column(objects: Sequence[Any]) -> list[Any]:
        values = list(map(read, objects))
        if NotRead in map(type, values):
            raise DetailNotReadError(f"the projection does not include {name}")
        return values

    return read_column


def _create_bind(
    schema: strawberry.Schema, field: StrawberryField, function: Callable[..., Any]
) -> Bind:
    """Return a function that gives a resolver its info and arguments, once for all objects."""
    resolver: Any = field.base_resolver
    info_name = resolver.info_parameter and resolver.info_parameter.name
    info_class = schema.config.info_class
    convert = _create_converter(schema, field)

    def bind(info: Any, args: Mapping[str, Any]) -> Callable[[Any], Any]:  # noqa: ANN401 - a GraphQLResolveInfo, or what has its attributes
        strawberry_info: strawberry.Info = info_class(info, field)
        given = convert(strawberry_info, args) if args else {}
        if info_name:
            given[info_name] = strawberry_info
        return (lambda source: function(source, **given)) if given else function

    return bind


def _create_converter(
    schema: strawberry.Schema, field: StrawberryField
) -> Callable[[strawberry.Info, Mapping[str, Any]], dict[str, Any]]:
    """Return a function that converts coerced arguments as Strawberry does."""
    config, scalars = schema.config, schema.schema_converter.scalar_registry
    arguments = {config.name_converter.from_argument(each): each for each in field.arguments}

    def convert(info: strawberry.Info, args: Mapping[str, Any]) -> dict[str, Any]:
        context = InputContext(info, config, scalars, ())
        return {
            arguments[name].python_name: context.convert(value, arguments[name].type, name)
            for name, value in args.items()
        }

    return convert


def _get_object_class(schema: strawberry.Schema, object_type: GraphQLObjectType) -> type | None:
    """Return the class of a type's objects; None if the type is not Strawberry's."""
    definition = schema.get_type_by_name(object_type.name)
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    return getattr(definition.origin, _SHOWN_CLASS, definition.origin)
