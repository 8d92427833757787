"""Urls that are refused today, and artifacts that have had them since earlier releases."""

from pathlib import Path
from typing import Any

import pytest

from graph.settings import Settings
from storage.artifacts.inputs import parse_new_artifact
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import NewArtifact, OnConflict
from storage.transfer.export import export_lines
from storage.transfer.importing import RejectedLine, import_lines
from tests.graph.clients import BERT, REGISTER, Client, dataset, model, serving
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.mutations import DELETE_ARTIFACT, UPDATE_MODEL

pytestmark = pytest.mark.anyio

SCRIPT = "javascript://example.org/%0aalert(1)"
SECRET = "https://user:secret@example.org/models/bert"
BROKEN = "https://%/bert"
MESSAGES = {
    SCRIPT: "must not have the scheme javascript, which can run scripts",
    SECRET: "must not contain a password",
    BROKEN: "must be a valid url: it has an invalid international domain name",
}


def store_artifact(store: RecordingStore, url: str) -> str:
    """Store a model as an earlier release would have, and return its id."""
    valid = parse_new_artifact(ArtifactType.MODEL, {"url": BERT, "name": "bert"})
    new = NewArtifact(
        type=valid.type, url=url, name="bert", changes={**valid.changes, "url": url}
    )
    (written,) = store.register([new], OnConflict.REJECT)
    id_: str = written.artifact.id  # type: ignore[union-attr] # or the test fails
    return id_


@pytest.mark.parametrize("url", MESSAGES, ids=["script", "password", "host"])
async def test_inputs_with_such_urls_are_refused_and_say_why(client: Client, url: str) -> None:
    inputs: list[dict[str, Any]] = [
        dataset(url, name="a"),
        dataset(downloadUrl=url),
        model(codes=[{"url": url}]),
    ]

    results = (await client.data(REGISTER, inputs=inputs))["registerArtifacts"]["results"]

    errors = [error for result in results for error in result["userErrors"]]
    assert [error["code"] for error in errors] == ["INVALID"] * 3
    assert [error["message"] for error in errors] == [MESSAGES[url]] * 3
    assert [error["field"][3:] for error in errors] == [
        ["url"],
        ["downloadUrl"],
        ["codes", "0", "url"],
    ]


@pytest.mark.parametrize("url", MESSAGES, ids=["script", "password", "host"])
async def test_artifacts_with_such_urls_are_found_updated_and_deleted(
    recorded: RecordingStore, url: str
) -> None:
    async with serving(recorded, Settings()) as http:
        client = Client(http)
        id_ = store_artifact(recorded, url)
        query = "query ($url: URL!) { model(by: { url: $url }) { id url } }"
        found = (await client.data(query, url=url))["model"]
        updated = await client.data(UPDATE_MODEL, id=id_, input={"license": "mit"})
        deleted = await client.data(DELETE_ARTIFACT, id=id_)

    assert found == {"id": id_, "url": url}
    assert updated["updateModel"]["userErrors"] == []
    assert deleted["deleteArtifact"]["deletedId"] == id_


@pytest.mark.parametrize("url", MESSAGES, ids=["script", "password", "host"])
def test_of_a_backup_only_lines_with_script_schemes_are_rejected(
    recorded: RecordingStore, tmp_path: Path, url: str
) -> None:
    store_artifact(recorded, url)
    lines = list(export_lines(recorded))
    copy, rejected = RecordingStore(tmp_path / "copy.db"), list[RejectedLine]()

    summary = import_lines(copy, lines, on_reject=rejected.append)
    copy.close()

    messages = [(line.reason, line.field, line.message) for line in rejected]
    assert messages == ([("INVALID", ("url",), MESSAGES[url])] if url == SCRIPT else [])
    assert summary.registered == int(url != SCRIPT)
