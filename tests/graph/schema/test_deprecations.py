"""What is deprecated: it says until when it will work, and so does whoever uses it."""

from collections.abc import AsyncIterator
from enum import Enum

import httpx
import pytest
import strawberry
from graphql import build_schema

from graph.app import build
from graph.schema.build import core_schema, create_schema
from graph.schema.deprecations import Deprecations
from graph.settings import Settings
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

GONE = "Use `title`; removed on 2031-05-31."


@strawberry.enum
class Shade(Enum):
    DARK = strawberry.enum_value("DARK", deprecation_reason=f"of DARK: {GONE}")
    LIGHT = "LIGHT"


@strawberry.input
class Wanted:
    shade: Shade = Shade.LIGHT
    size: int = strawberry.field(default=1, deprecation_reason=f"of size: {GONE}")


@strawberry.type
class Book:
    title: str = "Faust"
    name: str = strawberry.field(default="Faust", deprecation_reason=f"of name: {GONE}")


@strawberry.type
class Query:
    @strawberry.field
    def book(self, wanted: Wanted | None = None) -> Book:
        return Book(title=f"{wanted}")

    pages: int = strawberry.field(default=1, deprecation_reason="Nobody counts them.")


@pytest.fixture
async def http(recorded: RecordingStore) -> AsyncIterator[httpx.AsyncClient]:
    app = build(recorded, Settings(), strawberry.Schema(Query))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("{ book { title } }", []),
        ("{ book { name again: name } }", ["Book.name"]),
        ("{ ...on Query { book { ...F } } } fragment F on Book { name }", ["Book.name"]),
        ("{ book(wanted: { shade: DARK }) { title } }", ["Shade.DARK"]),
        ("{ book(wanted: { size: 2 }) { name } }", ["Book.name", "Wanted.size"]),
        ("query A { book { title } } query B { book { name } }", []),
        (
            "query A($w: Wanted) { book(wanted: $w) { title } }",
            ["Shade.DARK", "Wanted.size"],
        ),
        ("query A { book { ...F } } fragment F on Book { name }", ["Book.name"]),
    ],
)
async def test_an_answer_says_which_deprecated_elements_it_used(
    http: httpx.AsyncClient, query: str, used: list[str]
) -> None:
    body = {
        "query": query,
        "operationName": "A" if "query A" in query else None,
        "variables": {"w": {"shade": "DARK", "size": 3}} if "$w" in query else None,
    }

    answers = [(await http.post("/graphql", json=body)).json() for _ in range(2)]

    for answer in answers:
        assert "errors" not in answer
        assert answer["extensions"].get("deprecations", []) == [
            {
                "element": element,
                "reason": f"of {element.partition('.')[2]}: {GONE}",
                "removal": "2031-05-31",
            }
            for element in used
        ]


async def test_a_reason_without_a_date_has_no_removal(http: httpx.AsyncClient) -> None:
    query = "query ($s: Shade) { pages book(wanted: { shade: $s }) { title } }"

    told = (await http.post("/graphql", json={"query": query})).json()["extensions"]

    reason = "Nobody counts them."
    assert told["deprecations"] == [
        {"element": "Query.pages", "reason": reason, "removal": None}
    ]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ book { name ", {}),
        ("{ book { name none } }", {}),
        ("query ($w: Wanted) { book(wanted: $w) { name } }", {"w": {"shade": "PINK"}}),
    ],
)
async def test_a_request_that_is_not_executed_uses_nothing(
    http: httpx.AsyncClient, query: str, variables: dict[str, object]
) -> None:
    body = {"query": query, "variables": variables}
    answer = (await http.post("/graphql", json=body)).json()

    assert "data" not in answer
    assert answer["extensions"].keys() == {"cost"}


def test_deprecations_of_the_schema_say_when_they_are_removed() -> None:
    deprecations = Deprecations(core_schema(create_schema()))

    assert [of.element for of in deprecations if of.removal is None] == []


@pytest.mark.parametrize(
    ("reason", "is_dated"),
    [
        ("Use `b`; removed on 2031-01-31.", True),
        ("Use `b`; removed on 2031-02-31.", False),
        ("Use `b`.", False),
        ("No longer supported", False),
    ],
)
def test_a_removal_is_a_date(reason: str, is_dated: bool) -> None:
    sources = (
        'type Query { a(b: Int @deprecated(reason: "R")): Int }',
        'type Query { a: Int @deprecated(reason: "R") }',
        'type Query { a(b: B): Int } input B { c: Int @deprecated(reason: "R") }',
        'type Query { a: B } enum B { C @deprecated(reason: "R") }',
        'type Query { a: B } interface B { c: Int @deprecated(reason: "R") }',
    )

    found = [
        of
        for source in sources
        for of in Deprecations(build_schema(source.replace("R", reason)))
    ]

    assert [of.element for of in found] == ["Query.a(b:)", "Query.a", "B.c", "B.C", "B.c"]
    assert {of.removal is not None for of in found} == {is_dated}
