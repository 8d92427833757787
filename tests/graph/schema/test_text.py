"""Any text is stored and returned unchanged, except NUL, blank texts and invalid Unicode."""

import json
from typing import Any

import httpx
import pytest

from tests.graph.clients import RATING, Client, model
from tests.graph.schema.mutations import UPDATE_MODEL, register_model

pytestmark = pytest.mark.anyio

TEXTS = (
    '<script>alert("1")</script>',
    "'; DROP TABLE artifact; --",
    'quotes " and \\ and \\u0041 and ${jndi:ldap://a} and {{7*7}}',
    "tab\tnewline\nreturn\r escape\x1b[31m delete\x7f",
    "\u202egnp.exe\u2066 right to left \u200f",
    "\u2028 line \u2029 paragraph \ufeff mark \ufffe none",
    "e\u0301 and \u00e9 are not made one",
    "\U0001f600 \U0010ffff",
)


@pytest.mark.parametrize("text", TEXTS)
async def test_text_is_returned_unchanged(client: Client, text: str) -> None:
    pair = {"key": text, "value": text}
    (bert,) = await client.register(
        model(
            name="a" + text + "z",
            tags=[text],
            license=text,
            description=text,
            properties=[pair],
            datasets=[{"name": "a" + text, "revision": text}],
        )
    )

    query = """query ($id: ID!) {
      artifact(id: $id) {
        name tags license description properties { key value }
        ... on Model { references { targetName revision } }
      }
    }"""
    response = await client.http.post(
        "/graphql", json={"query": query, "variables": {"id": bert}}
    )

    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["data"]["artifact"] == {
        "name": "a" + text + "z",
        "tags": [text],
        "license": text,
        "description": text,
        "properties": [pair],
        "references": [{"targetName": "a" + text, "revision": text}],
    }


NUL = "a\x00b"
BLANKS = ["", " ", "\t\n\u3000", "\u200b\u2060"]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"url": f"https://example.org/{NUL}"}, ["url"]),
        ({"downloadUrl": f"https://example.org/{NUL}"}, ["downloadUrl"]),
        ({"name": NUL}, ["name"]),
        ({"description": NUL}, ["description"]),
        ({"license": NUL}, ["license"]),
        ({"tags": ["a", NUL]}, ["tags", "1"]),
        ({"properties": [{"key": NUL, "value": "1"}]}, ["properties", "0", "key"]),
        ({"properties": [{"key": "a", "value": NUL}]}, ["properties", "0", "value"]),
        ({"datasets": [{"name": NUL}]}, ["datasets", "0", "name"]),
        ({"codes": [{"name": "a", "revision": NUL}]}, ["codes", "0", "revision"]),
        ({"rating": {**RATING, "category": NUL}}, ["rating", "category"]),
    ],
)
async def test_nul_is_rejected_in_every_text(
    client: Client, fields: dict[str, Any], path: list[str]
) -> None:
    registered, errors = await register_model(client, **fields)

    assert registered is None
    assert [(error["code"], error["field"]) for error in errors] == [
        ("INVALID", ["input", *path])
    ]
    assert errors[0]["message"] == "must not contain the character NUL (U+0000)"


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": "{}"}, ["name"]),
        ({"tags": ["a", "{}"]}, ["tags", "1"]),
        ({"properties": [{"key": "{}", "value": "1"}]}, ["properties", "0", "key"]),
        ({"datasets": [{"name": "{}"}]}, ["datasets", "0", "name"]),
        ({"codes": [{"name": "a", "revision": "{}"}]}, ["codes", "0", "revision"]),
    ],
)
async def test_blank_texts_are_rejected(
    client: Client, fields: dict[str, Any], path: list[str], blank: str
) -> None:
    text = json.dumps(fields).replace('"{}"', json.dumps(blank))

    registered, errors = await register_model(client, **json.loads(text))

    assert registered is None
    assert [(error["code"], error["field"]) for error in errors] == [
        ("INVALID", ["input", *path])
    ]


@pytest.mark.parametrize("blank", BLANKS)
async def test_a_blank_license_or_description_is_none(client: Client, blank: str) -> None:
    blanks = {"license": blank, "description": blank}
    (bert,) = await client.register(model(**blanks))
    query = "query ($id: ID!) { artifact(id: $id) { version license description } }"
    none = {"license": None, "description": None}

    assert await client.data(query, id=bert) == {"artifact": {"version": 1, **none}}

    for fields in ({"license": "mit", "description": "d"}, blanks):
        await client.data(UPDATE_MODEL, id=bert, input=fields)

    assert await client.data(query, id=bert) == {"artifact": {"version": 3, **none}}


JSON = {"content-type": "application/json"}
NOT_JSON = "The body must be JSON in UTF-8: "


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"query": "query ($n: String!) { __typename }", "variables": {"n": "\\ud800"}}',
            "no low surrogate in string: line 1 column 69 (char 68).",
        ),
        (
            b'{"query": "{ __typename }", "variables": {"n": "\xed\xa0\x80"}}',
            "str is not valid UTF-8: surrogates not allowed: line 1 column 1 (char 0).",
        ),
    ],
)
async def test_unpaired_surrogate_in_the_body_is_rejected(
    http: httpx.AsyncClient, body: bytes, message: str
) -> None:
    response = await http.post("/graphql", content=body, headers=JSON)

    assert response.status_code == 400
    assert [error["message"] for error in response.json()["errors"]] == [NOT_JSON + message]


async def test_unpaired_surrogate_in_a_document_is_rejected(client: Client) -> None:
    error_code, message = await client.error('{ model(by: { name: "\\uD800" }) { id } }')

    assert error_code == "GRAPHQL_PARSE_FAILED"
    assert message == "Syntax Error: Invalid Unicode escape sequence: '\\uD800'."


@pytest.mark.parametrize("query", ["query=%7B%ed%a0%80%7D", "query=%ff", "variables=%80"])
async def test_query_string_that_is_not_utf_8_is_rejected(
    http: httpx.AsyncClient, query: str
) -> None:
    response = await http.get(f"/graphql?{query}")

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["message"] == "The query string must be in UTF-8."
