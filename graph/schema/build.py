"""The schema, and its text for whoever generates clients from it."""

from typing import Any

import strawberry
from graphql import GraphQLSchema, build_schema, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig

from graph.engine.direct_resolvers import attach_direct_resolvers
from graph.engine.executor import Executor
from graph.schema.mutation import Mutation
from graph.schema.query import Query
from graph.schema.types.scalars import SCALARS


def create_schema() -> strawberry.Schema:
    """The schema."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=Executor,
    )
    attach_direct_resolvers(core_schema(schema))
    return schema


def to_sdl(schema: strawberry.Schema) -> str:
    """The schema in GraphQL's own language, sorted, as `schema.graphql` holds it.

    Sorted here: Strawberry's own `sort_schema` loses how it serialises enums.
    """
    return print_schema(lexicographic_sort_schema(build_schema(schema.as_str()))) + "\n"


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The schema that graphql-core executes; Strawberry has no public name for it."""
    inner: Any = schema._schema  # noqa: SLF001 - see above
    if not isinstance(inner, GraphQLSchema):
        raise TypeError("Strawberry keeps its schema elsewhere now")
    return inner
