"""Build the schema and print it as SDL."""

from typing import Any

import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from graph.engine.strawberry_resolvers import attach_resolvers
from graph.schema.mutations.delete import DeleteMutations
from graph.schema.mutations.register import RegisterMutations
from graph.schema.mutations.update import UpdateMutations
from graph.schema.query import Query
from graph.schema.subscription import Subscription
from graph.schema.types.scalars import SCALARS


@strawberry.type(
    description="The root type of all mutations. A change to an artifact takes effect as a "
    "whole or not at all."
)
class Mutation(RegisterMutations, UpdateMutations, DeleteMutations):
    """The root type of all mutations."""


def create_schema() -> strawberry.Schema:
    """Create the schema, with what the engine uses to read its fields."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    core = core_schema(schema)
    _mark_one_of_inputs(schema, core)
    attach_resolvers(schema, core)
    return schema


def _mark_one_of_inputs(schema: strawberry.Schema, core: GraphQLSchema) -> None:
    """Let graphql-core validate what Strawberry alone knows, for errors that say where."""
    for name, type_ in core.type_map.items():
        if isinstance(type_, GraphQLInputObjectType):
            definition = schema.get_type_by_name(name)
            type_.is_one_of = bool(getattr(definition, "is_one_of", False))


def to_sdl(schema: strawberry.Schema) -> str:
    """Print the schema in GraphQL's schema definition language, sorted by name.

    The printed text is sorted, not the schema: Strawberry's own `sort_schema` loses the
    serializers of the enums.
    """
    return print_schema(lexicographic_sort_schema(build_schema(schema.as_str()))) + "\n"


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return the graphql-core schema that a Strawberry schema wraps.

    Raises:
        TypeError: Strawberry, which has no public name for it, stores it elsewhere.
    """
    inner: Any = schema._schema  # noqa: SLF001 - see above
    if not isinstance(inner, GraphQLSchema):
        raise TypeError("strawberry.Schema no longer stores the graphql-core schema in _schema")
    return inner
