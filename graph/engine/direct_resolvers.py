"""How fields are resolved: straight from the resolver, where nothing of Strawberry's is needed.

Strawberry calls every resolver through a chain for arguments, extensions and permissions. Most
fields here have none of these, and the chain takes longer than they do.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

_CLASS = "class"
_DIRECT = "direct"
RECORDED = "recorded"
"""In the metadata of fields that are attributes of their object's record."""
SHOWS = "__shows__"
"""In types that show objects of another class than their own: that class."""


def definition(field: GraphQLField) -> StrawberryField | None:
    """Strawberry's definition of a field; None for a field of introspection."""
    defined: StrawberryField | None = field.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    return defined


def attribute(field: GraphQLField) -> str | None:
    """The attribute that a field just is, of its object or of its object's record.

    As attrgetter takes it; None where the field has a resolver.
    """
    defined = definition(field)
    if defined is None or not defined.is_basic_field or defined.default_resolver is not getattr:
        return None
    name = defined.python_name
    return f"record.{name}" if RECORDED in defined.metadata else name


def direct_resolver(field: GraphQLField) -> Callable[..., Any] | None:
    """What resolves a field that has no arguments, of its object and the info alone."""
    found: Callable[..., Any] | None = field.extensions.get(_DIRECT)
    return found


def class_of(of: GraphQLObjectType) -> type | None:
    """The class whose objects are of a type without being asked; None for introspection."""
    found: type | None = of.extensions.get(_CLASS)
    return found


def shorten(schema: GraphQLSchema) -> None:
    """Let the fields of a schema call resolvers without arguments directly."""
    for of in schema.type_map.values():
        if isinstance(of, GraphQLObjectType) and not of.name.startswith("__"):
            of.extensions[_CLASS] = _class_of(of)
            for field in of.fields.values():
                if direct := _direct(field):
                    field.resolve = field.extensions[_DIRECT] = direct


def _direct(field: GraphQLField) -> Callable[..., Any] | None:
    defined = definition(field)
    if defined is None or defined.extensions or field.args:
        return None
    resolver = defined.base_resolver
    if resolver is None:
        return None
    if resolver.self_parameter is None or resolver.root_parameter or resolver.parent_parameter:
        return None
    function: Any = resolver.wrapped_func
    if resolver.info_parameter is None:
        return lambda source, _: function(source)

    def resolve(source: object, info: GraphQLResolveInfo[Any]) -> Any:  # noqa: ANN401 - the field's
        return function(source, Info(info, defined))

    return resolve


def _class_of(of: GraphQLObjectType) -> type | None:
    defined: StrawberryObjectDefinition | None = of.extensions.get(
        GraphQLCoreConverter.DEFINITION_BACKREF
    )
    return None if defined is None else getattr(defined.origin, SHOWS, defined.origin)
