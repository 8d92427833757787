"""Every deprecation in the schema says when the element will be removed: an ISO date."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from graphql import GraphQLEnumType, GraphQLSchema, build_schema

from graph.schema.build import core_schema, create_schema

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def iterate_deprecations(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yield the schema coordinate and the reason of each deprecated element."""
    for coordinate, element in iterate_elements(schema):
        reason: str | None = getattr(element, "deprecation_reason", None)
        if reason is not None:
            yield coordinate, reason


def iterate_elements(schema: GraphQLSchema) -> Iterator[tuple[str, object]]:
    """Yield each field, argument, input field and enum value, with its schema coordinate."""
    for type_name, named in schema.type_map.items():
        members = getattr(named, "fields", {})
        if isinstance(named, GraphQLEnumType):
            members = named.values
        for name, member in members.items():
            yield f"{type_name}.{name}", member
            for argument_name, argument in getattr(member, "args", {}).items():
                yield f"{type_name}.{name}({argument_name}:)", argument
    for directive in schema.directives:
        for argument_name, argument in directive.args.items():
            yield f"@{directive.name}({argument_name}:)", argument


def find_removal(reason: str) -> date | None:
    """Return the first date in a reason; None if there is none, or no such day."""
    match = _DATE.search(reason)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def find_undated(schema: GraphQLSchema) -> list[str]:
    """Return the coordinates of the deprecated elements without a removal date."""
    return [at for at, reason in iterate_deprecations(schema) if find_removal(reason) is None]


def test_deprecations_of_the_schema_have_a_removal_date() -> None:
    assert find_undated(core_schema(create_schema())) == []


def test_the_check_sees_every_element_of_the_schema() -> None:
    coordinates = {at for at, _ in iterate_elements(core_schema(create_schema()))}

    assert {
        "Model.dataset",
        "Artifact.name",
        "Query.models(first:)",
        "RegisterModelInput.url",
        "ArtifactType.MODEL",
        "@include(if:)",
    } <= coordinates


@pytest.mark.parametrize(
    ("reason", "is_dated"),
    [
        ("Use `b`; removed on 2031-01-31.", True),
        ("Use `b`; removed on 2031-02-31.", False),
        ("Use `b`; removed on 31.01.2031.", False),
        ("Use `b`.", False),
        ("No longer supported", False),
    ],
)
@pytest.mark.parametrize(
    ("source", "coordinate"),
    [
        ('type Query { a(b: Int @deprecated(reason: "R")): Int }', "Query.a(b:)"),
        ('type Query { a: Int @deprecated(reason: "R") }', "Query.a"),
        ('type Query { a(b: B): Int } input B { c: Int @deprecated(reason: "R") }', "B.c"),
        ('type Query { a: B } enum B { C @deprecated(reason: "R") }', "B.C"),
        ('type Query { a: B } interface B { c: Int @deprecated(reason: "R") }', "B.c"),
        (
            'type Query { a: Int } directive @d(b: Int @deprecated(reason: "R")) on FIELD',
            "@d(b:)",
        ),
    ],
)
def test_a_deprecation_without_a_valid_date_is_found(
    source: str, coordinate: str, reason: str, is_dated: bool
) -> None:
    schema = build_schema(source.replace("R", reason))

    assert list(iterate_deprecations(schema)) == [(coordinate, reason)]
    assert find_undated(schema) == ([] if is_dated else [coordinate])
