"""Small documents that would cause much work are rejected before the work is done."""

import pytest

from tests.graph.clients import Client
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

MAXIMUM = 50_000
TOO_DEEP = "Syntax Error: Document is nested too deeply. Parsing aborted."
TOO_MANY = "Syntax Error: Document contains more than 3000 tokens. Parsing aborted."
TOO_LONG = (
    "The document has {} characters, and 100000 is the maximum: send values as variables."
)


def nest_fragments(count: int, body: str) -> str:
    """Return a query with fragments, each of which has the body with the name of the next."""
    definitions = " ".join(
        f"fragment f{n} on Query {{ {body.replace('NEXT', f'f{n + 1}')} }}"
        for n in range(count)
    )
    return f"query q {{ ...f0 }} {definitions} fragment f{count} on Query {{ __typename }}"


def alias_field(count: int, field: str) -> str:
    """Return a query with many aliases of one field."""
    return "{" + " ".join(f"a{n}: {field}" for n in range(count)) + "}"


def nest_base_models(levels: int, leaf: str = "id") -> str:
    """Return nested selections of base models."""
    return "baseModel { " * levels + leaf + " }" * levels


@pytest.mark.parametrize(
    "query",
    [
        "{ models(first: 9) { nodes { lineage(direction: BOTH, first: 1000) { complete } } } }",
        "{ codes(first: 100) { nodes { history(first: 90) { nodes { fields { after } } } } } }",
        alias_field(100, "models(first: 100) { nodes { id name } totalCount }"),
        alias_field(50, 'models(first: 1, search: "bert") { __typename }'),
        alias_field(10, 'codes(first: 1, filter: { name: { matches: "a" } }) { __typename }'),
        alias_field(200, "__schema { types { fields { name } } }"),
    ],
    ids=[
        "pages of pages",
        "histories of a page",
        "many aliases",
        "many searches",
        "many patterns",
        "repeated introspection",
    ],
)
async def test_an_operation_above_the_maximum_price_is_rejected(
    client: Client, recorded: RecordingStore, query: str
) -> None:
    content = await client.send(query)

    price = content["extensions"]["cost"]["requested"]
    assert price > MAXIMUM
    assert content["errors"] == [
        {
            "message": f"The request costs {price}, and 50000 is the maximum: select fewer "
            "fields, or ask for smaller pages.",
            "extensions": {"code": "QUERY_TOO_COMPLEX"},
        }
    ]
    assert "data" not in content
    assert recorded.calls == []


@pytest.mark.parametrize(
    "query",
    [
        f"{{ models {{ nodes {{ {nest_base_models(38)} }} }} }}",
        f"""
        {{ models {{ nodes {{ ...first ...second }} }} }}
        fragment first on Model {{ {nest_base_models(20)} }}
        fragment second on Model {{ {nest_base_models(18, "...first")} }}
        """,
    ],
    ids=["fields", "fragments that are deep together"],
)
async def test_fields_that_are_nested_too_deep_are_rejected(
    client: Client, recorded: RecordingStore, query: str
) -> None:
    assert await client.error(query) == (
        "QUERY_TOO_COMPLEX",
        "The request nests fields 41 deep, and 40 is the maximum.",
    )
    assert recorded.calls == []

    await client.data(query.replace("baseModel { id }", "id"))
    assert recorded.calls == [("page", 20)]


@pytest.mark.parametrize(
    "query",
    [
        alias_field(101, "__typename"),
        "{ models { edges { node { ...f } } nodes { ...f } } codes { nodes { ...f } } }"
        " fragment f on Artifact { ...g } fragment g on Node " + alias_field(34, "id"),
        f"{{ models {{ nodes {{ a: name {' '.join(f'b{n}: url' for n in range(100))} }} }} }}",
    ],
    ids=["root fields", "a fragment that is spread", "nested fields"],
)
async def test_too_many_aliases_are_rejected(
    client: Client, recorded: RecordingStore, query: str
) -> None:
    code, message = await client.error(query)

    assert code == "QUERY_TOO_COMPLEX"
    assert message in (
        "The request has 101 aliases, and 100 is the maximum.",
        "The request has 102 aliases, and 100 is the maximum.",
    )
    assert recorded.calls == []


async def test_a_hundred_aliases_are_accepted(client: Client) -> None:
    assert len(await client.data(alias_field(100, "__typename"))) == 100


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("(" * 100_000, "Syntax Error: Unexpected '('."),
        ("(" * 100_001, TOO_LONG.format(100_001)),
        ("{ a(b: " + "[" * 30_000, TOO_DEEP),
        ("{" + "a{" * 30_000, TOO_DEEP),
        ("{ " + "a " * 3_000 + "}", TOO_MANY),
        ("# \n" * 30_000 + "{ __typename }", TOO_MANY.replace("tokens", "comments")),
        ("{ " + "a " * 100_000 + "}", TOO_LONG.format(200_003)),
        (alias_field(10_000, "__typename"), TOO_LONG.format(178_891)),
        ('{ artifact(id: "' + "a" * 900_000 + '") { id } }', TOO_LONG.format(900_027)),
    ],
    ids=[
        "brackets",
        "one more",
        "lists",
        "fields",
        "tokens",
        "comments",
        "100,000 tokens",
        "10,000 aliases",
        "a long string",
    ],
)
async def test_an_oversized_document_is_rejected_before_its_end_is_parsed(
    client: Client, recorded: RecordingStore, query: str, message: str
) -> None:
    content = await client.send(query)

    (error,) = content["errors"]
    assert error["message"] == message
    code = "QUERY_TOO_COMPLEX" if len(query) > 100_000 else "GRAPHQL_PARSE_FAILED"
    assert error["extensions"] == {"code": code}
    assert content["extensions"]["cost"]["requested"] == 0
    assert recorded.calls == []


@pytest.mark.parametrize(
    "query",
    [
        "{" + "__typename " * 2_990 + "}",
        "{ models(first: 1) { nodes { " + "baseModel { id } " * 500 + " } } }",
        "{ models(first: 1) { nodes { "
        + " ".join(f"...f{n}" for n in range(150))
        + " } } }"
        + " ".join(f"fragment f{n} on Model {{ name url }}" for n in range(150)),
        nest_fragments(30, "...NEXT ...NEXT"),
        nest_fragments(300, "...NEXT"),
        "query q0 { __typename } "
        + " ".join(f"query q{n}($v: Int!) {{ ...f }}" for n in range(1, 100))
        + " fragment f on Query {"
        + " ".join(f"a{n}: models(first: $v) {{ totalCount }}" for n in range(130))
        + "}",
    ],
    ids=[
        "repeated fields",
        "repeated objects",
        "overlapping fragments",
        "exponential fragments",
        "a chain of fragments",
        "shared fragment",
    ],
)
async def test_a_document_that_takes_too_much_work_to_validate_is_rejected(
    client: Client, recorded: RecordingStore, query: str
) -> None:
    body = {"query": query, "operationName": "q0" if "query q0" in query else None}

    (error,) = (await client.http.post("/graphql", json=body)).json()["errors"]

    assert error == {
        "message": "The document takes too much work to check: repeat fewer fields and"
        " fragments.",
        "extensions": {"code": "QUERY_TOO_COMPLEX"},
    }
    assert recorded.calls == []


async def test_the_number_of_errors_in_a_response_is_limited(client: Client) -> None:
    content = await client.send("{" + " ".join(f"unknown{n}" for n in range(2_000)) + "}")
    coerced = await client.send(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[{}] * 100
    )

    assert len(content["errors"]) == 5
    assert len(coerced["errors"]) == 11
