"""The states of references: their targets now, compared with those when they were written."""

from typing import Any

import pytest

from tests.graph.clients import BERT, BOOKS, Client, dataset, model
from tests.graph.recording_store import RecordingStore
from tests.graph.schema.history_queries import (
    DELETE,
    RATE,
    RESTORE,
    UPDATE_DATASET,
    UPDATE_MODEL,
)

pytestmark = pytest.mark.anyio

OTHER = "https://example.org/datasets/other"
REFERENCES = """
query ($id: ID!) {
  model(by: { id: $id }) {
    references {
      state
      artifact { url }
      originalArtifact { url version }
      targetVersion
      changedSince
    }
  }
}
"""
NAMED = [{"name": "books"}]
UNRESOLVED = {
    "state": "UNRESOLVED",
    "artifact": None,
    "originalArtifact": None,
    "targetVersion": None,
    "changedSince": None,
}
RESOLVED = {
    "state": "RESOLVED",
    "artifact": {"url": BOOKS},
    "originalArtifact": {"url": BOOKS, "version": 1},
    "targetVersion": 1,
    "changedSince": False,
}


async def read_references(client: Client, id_: str) -> list[dict[str, Any]]:
    """Return the references of a model."""
    references: list[dict[str, Any]] = (await client.data(REFERENCES, id=id_))["model"][
        "references"
    ]
    return references


async def read_reference(client: Client, id_: str) -> dict[str, Any]:
    """Return the only reference of a model."""
    (reference,) = await read_references(client, id_)
    return reference


@pytest.mark.parametrize("by", ["id", "url", "name"])
async def test_reference_that_resolved_is_resolved(client: Client, by: str) -> None:
    (books,) = await client.register(dataset(name="books"))
    target = {"id": books, "url": BOOKS, "name": " BOOKS"}[by]
    (bert,) = await client.register(model(datasets=[{by: target}]))

    assert await read_reference(client, bert) == RESOLVED


async def test_reference_that_resolved_to_none_is_resolved_once_it_does(
    client: Client,
) -> None:
    (bert,) = await client.register(model(datasets=NAMED))
    before = await read_reference(client, bert)
    await client.register(dataset(name="books"))

    after = await read_reference(client, bert)

    assert before == UNRESOLVED
    assert after == {**UNRESOLVED, "state": "RESOLVED", "artifact": {"url": BOOKS}}


async def test_reference_whose_artifact_was_deleted_is_lost_until_it_is_restored(
    client: Client,
) -> None:
    books, bert = await client.register(dataset(name="books"), model(datasets=NAMED))
    await client.data(DELETE, id=books)
    lost = await read_reference(client, bert)
    await client.data(RESTORE, id=books)

    restored = await read_reference(client, bert)

    assert lost == {
        "state": "LOST",
        "artifact": None,
        "originalArtifact": None,
        "targetVersion": 1,
        "changedSince": True,
    }
    assert restored == {**RESOLVED, "originalArtifact": {"url": BOOKS, "version": 3}}


async def test_name_that_came_to_mean_another_artifact_is_retargeted(client: Client) -> None:
    books, _, bert = await client.register(
        dataset(name="books"), dataset(OTHER, name="books"), model(datasets=NAMED)
    )
    await client.data(UPDATE_DATASET, id=books, input={"name": "papers"})

    assert await read_reference(client, bert) == {
        "state": "RETARGETED",
        "artifact": {"url": OTHER},
        "originalArtifact": {"url": BOOKS, "version": 2},
        "targetVersion": 1,
        "changedSince": True,
    }


async def test_name_that_no_artifact_has_any_more_is_lost(client: Client) -> None:
    books, bert = await client.register(dataset(name="books"), model(datasets=NAMED))
    await client.data(UPDATE_DATASET, id=books, input={"name": "papers"})

    reference = await read_reference(client, bert)

    assert [reference["state"], reference["artifact"]] == ["LOST", None]
    assert reference["originalArtifact"] == {"url": BOOKS, "version": 2}


async def test_rating_of_the_original_artifact_is_not_a_change_of_it(client: Client) -> None:
    (base,) = await client.register(model(BERT, name="bert"))
    (tuned,) = await client.register(model(f"{BERT}-tuned", baseModels=[{"name": "bert"}]))
    await client.data(RATE, id=base, rating={"netScore": 0.5})
    rated = await read_reference(client, tuned)
    await client.data(UPDATE_MODEL, id=base, input={"license": "mit"})

    updated = await read_reference(client, tuned)

    assert [rated["changedSince"], rated["originalArtifact"]["version"]] == [False, 2]
    assert [updated["changedSince"], updated["originalArtifact"]["version"]] == [True, 3]
    assert updated["targetVersion"] == 1


async def test_update_keeps_what_unchanged_references_resolved_to(client: Client) -> None:
    books, bert = await client.register(dataset(name="books"), model(datasets=NAMED))
    await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})
    await client.data(UPDATE_MODEL, id=bert, input={"license": "mit"})
    await client.data(UPDATE_MODEL, id=bert, input={"datasets": [*NAMED, {"url": BOOKS}]})

    by_name, by_url = await read_references(client, bert)

    assert [by_name["targetVersion"], by_name["changedSince"]] == [1, True]
    assert [by_url["targetVersion"], by_url["changedSince"]] == [2, False]


async def test_new_revision_of_a_reference_notes_what_it_resolves_to_now(
    client: Client,
) -> None:
    books, bert = await client.register(dataset(name="books"), model(datasets=NAMED))
    await client.data(UPDATE_DATASET, id=books, input={"license": "mit"})
    revised = [{"name": "books", "revision": "v2"}]
    await client.data(UPDATE_MODEL, id=bert, input={"datasets": revised})

    reference = await read_reference(client, bert)

    assert [reference["targetVersion"], reference["changedSince"]] == [2, False]


async def test_references_of_a_page_are_read_in_one_call_and_lost_originals_in_another(
    client: Client, recorded: RecordingStore
) -> None:
    books, _ = await client.register(dataset(name="books"), dataset(OTHER, name="other"))
    await client.register(
        *(
            model(f"{BERT}/{n}", datasets=[{"name": "books"}, {"url": OTHER}][: n % 2 + 1])
            for n in range(20)
        )
    )

    async def read_states() -> list[str]:
        recorded.calls.clear()
        data = await client.data("""
          { models { nodes { references {
              state artifact { url } originalArtifact { url } targetVersion changedSince
          } } } }
        """)
        lists = [node["references"] for node in data["models"]["nodes"]]
        return sorted(each["state"] for references in lists for each in references)

    assert await read_states() == ["RESOLVED"] * 30
    assert recorded.calls == [("page", 20), ("resolve", 2)]
    await client.data(UPDATE_DATASET, id=books, input={"name": "papers"})
    assert await read_states() == ["LOST"] * 20 + ["RESOLVED"] * 10
    assert recorded.calls == [("page", 20), ("resolve", 2), ("get", 1)]
