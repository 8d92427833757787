"""The errors that clients get, and what is logged of them."""

import logging
import re
from typing import Any

import pytest

from storage.errors import StoreRefusedError, StoreUnavailableError
from tests.graph.clients import BERT, REGISTER, Client, dataset, model
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

SECRET = "arn:aws:dynamodb:us-east-2:1:table/secret SELECT * FROM /var/lib"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ models { nodes { name } } }", {}),
        ('{ artifact(id: "a") { name } }', {}),
        ('{ model(by: { name: "a" }) { name } }', {}),
        ("{ changes { hasMore } }", {}),
        ("{ changeCursor }", {}),
        ("{ recentChanges { nodes { kind } } }", {}),
        ('{ deletionImpact(id: "a") { artifact { id } } }', {}),
        (REGISTER, {"inputs": [model()]}),
        ('mutation { deleteArtifact(id: "a") { deletedId } }', {}),
        ('mutation { reset(confirm: "registry.db") { deletedCount } }', {}),
    ],
)
async def test_an_outage_of_the_store_is_an_error_and_not_an_empty_answer(
    client: Client,
    recorded: RecordingStore,
    caplog: pytest.LogCaptureFixture,
    query: str,
    variables: dict[str, Any],
) -> None:
    recorded.failure = StoreUnavailableError(SECRET)

    content = await client.send(query, **variables)

    (error,) = content["errors"]
    assert error["message"] == "The store did not answer; try again."
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE"}
    assert all(value is None for value in (content["data"] or {}).values())
    assert caplog.records == []


async def test_a_rejection_by_the_store_has_its_own_message_and_is_logged(
    client: Client, recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.failure = StoreRefusedError("DynamoDB answered AccessDeniedException")

    error = await client.error("{ models { nodes { name } } }")

    assert error == ("STORE_UNAVAILABLE", "The store rejected the request.")
    (line,) = caplog.messages
    assert re.fullmatch(
        r"the store rejected request \S+: DynamoDB answered AccessDeniedException", line
    )


async def test_each_input_of_a_batch_that_the_store_did_not_reach_has_an_error(
    client: Client, recorded: RecordingStore
) -> None:
    recorded.capacity = 1

    content = await client.send(REGISTER, inputs=[model(), dataset("nope"), dataset()])

    first, second, third = content["data"]["registerArtifacts"]["results"]
    assert [first["artifact"] is None, first["userErrors"]] == [False, []]
    assert second["userErrors"][0]["code"] == "INVALID"
    assert third == {"artifact": None, "userErrors": []}
    (error,) = content["errors"]
    assert error["path"] == ["registerArtifacts", "results", 2, "artifact"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE"}


async def test_a_single_registration_that_fails_is_an_error(
    client: Client, recorded: RecordingStore
) -> None:
    recorded.capacity = 0
    query = f'mutation {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ id }} }} }}'

    assert await client.error(query) == (
        "STORE_UNAVAILABLE",
        "The store did not answer; try again.",
    )


async def test_an_unexpected_error_is_logged_and_masked(
    client: Client, recorded: RecordingStore, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.failure = RuntimeError(SECRET)

    with caplog.at_level(logging.ERROR):
        content = await client.send('{ model(by: { name: "a" }) { name } }')

    (error,) = content["errors"]
    assert error["message"] == "Internal server error."
    assert error["path"] == ["model"]
    assert error["extensions"].keys() == {"code", "requestId"}
    assert error["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(content)
    assert error["extensions"]["requestId"] in caplog.text
    assert SECRET in caplog.text


async def test_a_link_that_fails_is_null_and_the_rest_is_answered(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(model(name="bert", datasets=[{"name": "x"}]))

    recorded.failure, recorded.failing_method = StoreUnavailableError(), "resolve"

    content = await client.send("{ models { nodes { name dataset { name } } } }")

    assert content["data"] == {"models": {"nodes": [{"name": "bert", "dataset": None}]}}
    assert [error["path"] for error in content["errors"]] == [["models", "nodes", 0, "dataset"]]


@pytest.mark.parametrize(
    ("method", "selection"),
    [
        ("read_history", "history { nodes { kind } }"),
        ("read_reverse_links", "derivedModels { nodes { name } }"),
        ("read_reverse_links", "lineage(direction: DOWNSTREAM) { complete }"),
        ("resolve", "datasets { name }"),
    ],
)
async def test_a_part_of_an_artifact_that_fails_is_null_and_the_rest_is_answered(
    client: Client, recorded: RecordingStore, method: str, selection: str
) -> None:
    await client.register(model(name="bert", datasets=[{"name": "x"}]))
    recorded.failure, recorded.failing_method = StoreUnavailableError(), method

    content = await client.send(f"{{ models {{ nodes {{ name part: {selection} }} }} }}")

    assert content["data"] == {"models": {"nodes": [{"name": "bert", "part": None}]}}
    (error,) = content["errors"]
    assert error["path"] == ["models", "nodes", 0, "part"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE"}


async def test_a_root_field_that_fails_is_null_and_the_others_are_answered(
    client: Client, recorded: RecordingStore
) -> None:
    await client.register(model(name="bert"))
    recorded.failure, recorded.failing_method = StoreUnavailableError(), "read_feed"

    content = await client.send("{ changes { hasMore } models { nodes { name } } }")

    assert content["data"] == {"changes": None, "models": {"nodes": [{"name": "bert"}]}}
    assert [error["path"] for error in content["errors"]] == [["changes"]]


async def test_a_non_null_field_that_fails_makes_data_null_with_one_error(
    client: Client,
) -> None:
    await client.register(model(name="bert", datasets=[{"name": "books"}]), dataset())
    query = """
    query ($ids: [ID!]!) {
      nodes(ids: $ids) { id }
      model(by: { name: "bert" }) { datasets { name } }
    }
    """

    for _ in range(20):
        content = await client.send(query, ids=["x"] * 101)

        assert content["data"] is None
        assert [error["extensions"]["code"] for error in content["errors"]] == [
            "BAD_USER_INPUT"
        ]


async def test_a_syntax_error_has_a_location(client: Client) -> None:
    (error,) = (await client.send("{ models(first: ) }"))["errors"]

    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert error["locations"] == [{"line": 1, "column": 17}]


async def test_an_invalid_document_has_all_its_errors(
    client: Client,
) -> None:
    content = await client.send("{ models { name } model { id } }")

    assert "data" not in content
    assert {error["extensions"]["code"] for error in content["errors"]} == {
        "GRAPHQL_VALIDATION_FAILED"
    }
    assert len(content["errors"]) == 2


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($n: Int!) { models(first: $n) { totalCount } }", {}),
        ("query ($n: Int!) { models(first: $n) { totalCount } }", {"n": "many"}),
        ("query ($n: Int!) { models(first: $n) { totalCount } }", {"n": 2**31}),
        ('query ($t: ArtifactType!) { artifactExists(type: $t, url: "a") }', {"t": "X"}),
        ("query ($u: URL!) { artifactExists(type: MODEL, url: $u) }", {"u": 7}),
        ("query A { __typename } query B { __typename }", {}),
    ],
)
async def test_invalid_variables_are_bad_user_input(
    client: Client, caplog: pytest.LogCaptureFixture, query: str, variables: dict[str, Any]
) -> None:
    error_code, _ = await client.error(query, **variables)

    assert error_code == "BAD_USER_INPUT"
    assert caplog.records == []


async def test_the_named_operation_of_several_is_executed(client: Client) -> None:
    body = {
        "query": "query A { a: __typename } query B { b: __typename }",
        "operationName": "B",
    }

    answer = await client.http.post("/graphql", json=body)
    unknown = await client.http.post("/graphql", json={**body, "operationName": "C"})

    assert answer.json()["data"] == {"b": "Query"}
    assert unknown.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in unknown.json()


async def test_no_operation_of_several_is_executed_without_a_name(
    client: Client,
) -> None:
    query = f"""
    mutation A {{ registerModel(input: {{ url: "{BERT}" }}) {{ model {{ id }} }} }}
    query B {{ __typename }}
    """

    await client.error(query)

    assert await client.data("{ models { totalCount } }") == {"models": {"totalCount": 0}}
