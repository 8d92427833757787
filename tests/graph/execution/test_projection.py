"""A query that asks for one thing is told the same as one that asks for everything."""

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_required_argument

from graph.schema.build import core_schema, create_schema
from graph.settings import Settings
from tests.graph.clients import Client, serving
from tests.graph.fixture_data import fill
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

CORE = core_schema(create_schema())
LISTS = {"Model": "models", "Dataset": "datasets", "Code": "codes"}


def selection(name: str, field: GraphQLField) -> str:
    of = get_named_type(field.type)
    assert not any(map(is_required_argument, field.args.values()))
    return f"{name} {{ __typename }}" if hasattr(of, "fields") else name


def selections(type_name: str) -> dict[str, str]:
    of = CORE.type_map[type_name]
    assert isinstance(of, GraphQLObjectType)
    return {name: selection(name, field) for name, field in of.fields.items()}


@pytest.mark.parametrize("type_name", LISTS)
async def test_each_field_alone_is_told_as_it_is_among_all(
    type_name: str, recorded: RecordingStore
) -> None:
    fill(recorded)
    asked = selections(type_name)
    async with serving(recorded, Settings()) as http:
        client = Client(http)

        async def nodes(of: str) -> list[dict[str, object]]:
            data = await client.data(
                f"{{ {LISTS[type_name]}(first: 100) {{ nodes {{ {of} }} }} }}"
            )
            return list(data[LISTS[type_name]]["nodes"])

        whole = await nodes(" ".join(asked.values()))
        for name, text in asked.items():
            assert await nodes(text) == [{name: node[name]} for node in whole]
    assert len(whole) > 1
