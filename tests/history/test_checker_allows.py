"""The checker accepts histories that lost answers explain."""

import io
from collections.abc import Callable
from functools import partial

import pytest

from storage.artifacts import inputs
from storage.artifacts.records import ArtifactType
from storage.artifacts.writes import OnConflict
from storage.errors import StoreUnavailableError
from storage.store import Store
from tests.history.checker import find_contradictions
from tests.history.random_client import RandomClient

FIRST, SECOND = {"url": "https://example.org/1"}, {"url": "https://example.org/2"}


@pytest.fixture
def client(store: Store) -> RandomClient:
    """Return a client whose operations the test chooses."""
    return RandomClient(store, 0, io.StringIO())


def lose_answer(execute: Callable[[], object]) -> object:
    execute()
    raise StoreUnavailableError


def test_an_artifact_whose_registration_was_lost_may_change(
    store: Store, client: RandomClient
) -> None:
    draft = inputs.parse_new_artifact(ArtifactType.CODE, {"name": "a", **FIRST})
    register = partial(store.register, [draft], OnConflict.REJECT)
    arguments = ("register", None, {"type": "code", "name": "a", **FIRST})
    changes = inputs.parse_patch(ArtifactType.CODE, SECOND)

    lost = client.record(*arguments, lambda: lose_answer(register))
    conflict = client.record(*arguments, lambda: register()[0])
    (id_,) = client.recent_ids
    moved = client.record("update", id_, SECOND, lambda: store.update(id_, None, changes))

    assert moved["answer"]["version"] == 2
    assert list(find_contradictions(store, [lost, conflict, moved])) == []
    assert list(find_contradictions(store, [conflict, moved])) == [
        f"{id_} begins with version 2"
    ]
