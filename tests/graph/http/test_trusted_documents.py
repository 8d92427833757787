"""Documents that clients execute by their ids, and those that have none."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from graph.auth.roles import Role
from graph.cli import app as command
from graph.settings import Settings
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

TYPENAME = "query Name { __typename }"
HASH = sha256(TYPENAME.encode()).hexdigest()
VIEWER = "query Viewer { viewer { role } }"
CODEGEN = {
    HASH: TYPENAME,
    "v1": VIEWER,
    "count": "query Count($first: Int) { models(first: $first) { totalCount } }",
    "delete": 'mutation { deleteArtifact(id: "a") { deletedId } }',
}
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [
        {"id": id_, "name": "Any", "type": "query", "body": text}
        for id_, text in CODEGEN.items()
    ],
}
NOT_FOUND = {"code": "PERSISTED_QUERY_NOT_FOUND"}
NOT_SUPPORTED = {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}


def write(folder: Path, manifest: object) -> Path:
    path = folder / "documents.json"
    path.write_text(json.dumps(manifest))
    return path


@pytest.fixture(params=[CODEGEN, APOLLO], ids=["codegen", "apollo"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return Settings(trusted_documents=write(tmp_path, request.param))


def apq(hash_: str) -> dict[str, Any]:
    """Return the extension that Apollo's clients send in place of a document."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_}}


@pytest.mark.parametrize(
    "members",
    [
        {"documentId": HASH},
        {"documentId": f"sha256:{HASH}"},
        {"documentId": HASH, "query": "{ other }"},
        {"extensions": apq(HASH)},
        {"extensions": apq(HASH), "query": TYPENAME},
        {"query": TYPENAME},
    ],
)
async def test_a_document_is_executed_by_its_id(
    recorded: RecordingStore, settings: Settings, members: dict[str, Any]
) -> None:
    async with serving(recorded, settings) as http:
        posted = await http.post("/graphql", json=members)
        parameters = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in members.items()
        }
        got = await http.get("/graphql", params=parameters)

    assert posted.json()["data"] == got.json()["data"] == {"__typename": "Query"}


async def test_a_document_has_variables(recorded: RecordingStore, settings: Settings) -> None:
    body = {"documentId": "count", "variables": {"first": 101}, "operationName": "Count"}

    async with serving(recorded, settings) as http:
        answer = await http.post("/graphql", json=body)

    assert (
        answer.json()["errors"][0]["message"] == "`first` must be between 1 and 100, not 101."
    )


@pytest.mark.parametrize("members", [{"documentId": "unknown"}, {"extensions": apq("unknown")}])
@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("application/graphql-response+json", 400)],
)
async def test_an_unknown_id_is_not_found(
    recorded: RecordingStore,
    settings: Settings,
    members: dict[str, Any],
    accept: str,
    status: int,
) -> None:
    async with serving(recorded, settings) as http:
        answer = await http.post("/graphql", json=members, headers={"accept": accept})

    assert answer.status_code == status
    assert answer.json()["errors"] == [
        {"message": "PersistedQueryNotFound", "extensions": NOT_FOUND}
    ]


@pytest.mark.parametrize("members", [{"documentId": HASH}, {"extensions": apq(HASH)}])
async def test_without_trusted_documents_clients_are_told_to_send_the_query(
    http: httpx.AsyncClient, members: dict[str, Any]
) -> None:
    refused = await http.post("/graphql", json=members)
    repeated = await http.post("/graphql", json={**members, "query": TYPENAME})

    assert refused.status_code == 200
    assert refused.json()["errors"] == [
        {"message": "PersistedQueryNotSupported", "extensions": NOT_SUPPORTED}
    ]
    assert repeated.json()["data"] == {"__typename": "Query"}


async def test_nothing_else_is_executed_if_the_server_is_told_so(
    recorded: RecordingStore, settings: Settings
) -> None:
    settings = settings.model_copy(update={"trusted_documents_only": True})

    async with serving(recorded, settings) as http:
        answers = [
            await http.post("/graphql", json=members)
            for members in (
                {"documentId": HASH},
                {"query": TYPENAME},
                {"query": TYPENAME, "documentId": "unknown"},
                {"query": TYPENAME, "extensions": apq("unknown")},
                {"query": "{ __schema { queryType { name } } }"},
            )
        ]

    assert "data" in answers[0].json()
    for answer in answers[1:]:
        assert answer.json()["errors"][0]["extensions"] == NOT_FOUND
    assert recorded.calls == []


async def test_a_document_requires_its_role(
    recorded: RecordingStore, settings: Settings
) -> None:
    settings = settings.model_copy(update={"auth_anonymous": Role.NONE})

    async with serving(recorded, settings) as http:
        answers = [
            await http.post("/graphql", json={"documentId": id_})
            for id_ in ("v1", HASH, "count", "delete", "unknown")
        ]
        mutation = await http.get("/graphql", params={"documentId": "delete"})

    assert [answer.status_code for answer in answers] == [200, 401, 401, 401, 401]
    assert mutation.status_code == 401
    assert recorded.calls == []


async def test_a_mutation_needs_post_by_its_id_too(
    recorded: RecordingStore, settings: Settings
) -> None:
    async with serving(recorded, settings) as http:
        answer = await http.get("/graphql", params={"documentId": "delete"})

    assert [answer.status_code, answer.headers["allow"]] == [405, "POST"]
    assert recorded.calls == []


@pytest.mark.parametrize(
    "members",
    [
        {"documentId": 7},
        {"documentId": ""},
        {"documentId": HASH, "query": 7},
        {"extensions": {"persistedQuery": 7}},
        {"extensions": {"persistedQuery": {"sha256Hash": None}}},
    ],
)
async def test_malformed_ids_are_rejected(
    http: httpx.AsyncClient, members: dict[str, Any]
) -> None:
    answer = await http.post("/graphql", json=members)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ([], "must be a JSON object with a document for each id"),
        ({}, "there are no documents in it"),
        ({"a": 7}, "document 'a' must have an id and a text"),
        ({"": "{ a }"}, "document '' must have an id and a text"),
        ({"a": "{"}, "document 'a': Syntax Error: Expected Name, found <EOF>."),
        ({"b": TYPENAME, "a": "{ old }"}, "document 'a': Cannot query field 'old' on type"),
        ({"a": f"{{ {'x ' * 50_001} }}"}, "document 'a': The document has 100006 characters"),
        ({"a": "fragment F on Model { id }"}, "document 'a': Fragment 'F' is never used."),
        ({**APOLLO, "operations": {}}, "`operations` must be a list"),
        ({**APOLLO, "operations": [7]}, "each of `operations` must be an object"),
        ({**APOLLO, "operations": [{"id": "a"}]}, "document 'a' must have an id and a text"),
    ],
)
def test_a_broken_manifest_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, manifest: object, problem: str
) -> None:
    path = write(tmp_path, manifest)
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(command, env={"TRUSTED_DOCUMENTS": str(path)})

    assert result.exit_code == 2
    assert result.output.startswith(f"TRUSTED_DOCUMENTS: {path}: {problem}")
    assert not (tmp_path / "artifacts.db").exists()


def test_the_manifest_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_DOCUMENTS", "/nowhere/documents.json")

    with pytest.raises(
        StoreSetupError, match=r"TRUSTED_DOCUMENTS: /nowhere/documents\.json is not a file"
    ):
        load_settings(Settings)


def test_only_trusted_documents_need_a_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_DOCUMENTS_ONLY", "true")

    with pytest.raises(StoreSetupError, match="TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS"):
        load_settings(Settings)
