"""A query that selects one field gets the same value as a query that selects all fields."""

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
ARGUMENTS = {"property": '(key: "framework")', "lineage": "(direction: UPSTREAM)"}
"""The arguments of fields that require some."""


def select_field(name: str, field: GraphQLField) -> str:
    field_type = get_named_type(field.type)
    selection = name + ARGUMENTS.get(name, "")
    assert name in ARGUMENTS or not any(map(is_required_argument, field.args.values()))
    return f"{selection} {{ __typename }}" if hasattr(field_type, "fields") else selection


def select_fields(type_name: str) -> dict[str, str]:
    """Return the selection of each field of a type, by the field's name."""
    object_type = CORE.type_map[type_name]
    assert isinstance(object_type, GraphQLObjectType)
    return {name: select_field(name, field) for name, field in object_type.fields.items()}


@pytest.mark.parametrize("type_name", LISTS)
async def test_a_field_alone_has_the_same_value_as_among_all_fields(
    type_name: str, recorded: RecordingStore
) -> None:
    fill(recorded)
    selections = select_fields(type_name)
    async with serving(recorded, Settings(max_query_cost=300_000)) as http:
        client = Client(http)

        async def read_nodes(selection: str) -> list[dict[str, object]]:
            data = await client.data(
                f"{{ {LISTS[type_name]}(first: 10) {{ nodes {{ {selection} }} }} }}"
            )
            return list(data[LISTS[type_name]]["nodes"])

        complete = await read_nodes(" ".join(selections.values()))
        for name, selection in selections.items():
            assert await read_nodes(selection) == [{name: node[name]} for node in complete]
    assert len(complete) > 1
