"""Requests of unusual sizes are refused with short messages of our own."""

import pytest

from tests.graph.clients import Client
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio


async def test_more_variables_than_an_operation_can_use_are_refused(client: Client) -> None:
    content = await client.send("{ __typename }", **{f"v{n}": 1 for n in range(1_001)})

    assert content["errors"] == [
        {
            "message": "The variables have more than 1,000 names.",
            "extensions": {"code": "QUERY_TOO_COMPLEX"},
        }
    ]


@pytest.mark.parametrize("digits", [4_301, 50_000])
async def test_numbers_that_python_would_not_convert_are_refused(
    client: Client, digits: int
) -> None:
    assert await client.error(f"{{ models(first: {'9' * digits}) {{ nodes {{ id }} }} }}") == (
        "QUERY_TOO_COMPLEX",
        "A number has more than 1,000 digits.",
    )


async def test_long_digits_in_a_text_are_not_a_number(client: Client) -> None:
    data = await client.data(f'{{ model(by: {{ name: "{"9" * 2_000}" }}) {{ id }} }}')

    assert data == {"model": None}


async def test_messages_do_not_repeat_long_values(client: Client) -> None:
    content = await client.send(
        "query ($inputs: [RegisterArtifactInput!]) { __typename @skip(if: $inputs) }",
        inputs=[{"m" * 100_000: 1}],
    )

    assert all(len(error["message"]) <= 2_001 for error in content["errors"])


@pytest.mark.parametrize("declared", ["$f: OnConflict", "$f: OnConflict = REJECT"])
async def test_a_mutation_with_an_invalid_argument_anywhere_writes_nothing(
    client: Client, recorded: RecordingStore, declared: str
) -> None:
    content = await client.send(
        f"""mutation ({declared}) {{
          first: registerCode(input: {{ url: "https://example.org/1" }}) {{ outcome }}
          last: registerCode(input: {{ url: "https://example.org/2" }}, onConflict: $f) {{
            outcome
          }}
        }}""",
        f=None,
    )

    assert content["data"] is None
    (error,) = content["errors"]
    assert error["path"] == ["last"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert recorded.calls == []
