"""Null as a variable, for each argument and filter field of listings and changes."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    build_schema,
    get_named_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
)

from tests.graph.clients import Client, code, dataset, model
from tests.graph.server_process import ROOT

pytestmark = pytest.mark.anyio

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())
QUERY = SCHEMA.query_type
assert QUERY is not None
FIELDS = {name: field for name, field in QUERY.fields.items() if "filter" in field.args}
SELECTIONS = {"changes": "changes { name version }"}


class Place(NamedTuple):
    """A nullable argument or field of an input, with what stands around it in a document."""

    before: str
    name: str
    type: str
    after: str


def list_places(type_: GraphQLInputObjectType, before: str, after: str) -> Iterator[Place]:
    """List the nullable fields of an input object and of the objects in it, except `@oneOf`."""
    required = "".join(
        f'{name}: "a", ' for name, field in type_.fields.items() if is_non_null_type(field.type)
    )
    for name, field in type_.fields.items():
        if not is_non_null_type(field.type):
            yield Place(f"{before}{{{required}", name, str(field.type), f"}}{after}")
        inner = get_named_type(field.type)
        if is_input_object_type(inner) and not inner.is_one_of:
            opening, closing = ("[", "]") if is_list_type(field.type) else ("", "")
            around = f"{before}{{{required}{name}: {opening}", f"{closing}}}{after}"
            yield from list_places(inner, *around)


def list_arguments(field: GraphQLField) -> Iterator[Place]:
    yield from (Place("", name, str(each.type), "") for name, each in field.args.items())
    filter_ = field.args["filter"].type
    assert isinstance(filter_, GraphQLInputObjectType)
    yield from list_places(filter_, "filter: ", "")


@pytest.mark.parametrize("name", FIELDS)
async def test_null_is_as_good_as_nothing(client: Client, name: str) -> None:
    fields = {"tags": ["a"], "properties": [{"key": "a", "value": "1"}]}
    references = {"datasets": [{"url": "https://example.org/d"}]}
    await client.register(dataset("https://example.org/d", **fields), code(**fields))
    await client.register(model(**fields, **references), model("https://example.org/m"))
    places = list(list_arguments(FIELDS[name]))

    assert len(places) > 5
    for before, argument, type_, after in places:
        selection = SELECTIONS.get(name, "nodes { name }")
        left_out, null = f"{before}{after}", f"{before}{argument}: $value{after}"
        query = f"""query ($value: {type_}) {{
          leftOut: {name}{f"({left_out})" if left_out else ""} {{ {selection} }}
          null: {name}({null}) {{ {selection} }}
        }}"""

        answers = [await client.data(query, value=None), await client.data(query)]

        assert answers[0]["leftOut"] == answers[0]["null"] == answers[1]["null"], null
        assert any(answers[0]["leftOut"].values()), null
