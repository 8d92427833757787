"""The checker objects to nothing that may have happened unseen."""

import io
from collections.abc import Callable
from functools import partial

import pytest

from storage.artifacts import inputs
from storage.artifacts.records import ArtifactType, OnConflict
from storage.errors import StoreUnavailableError
from storage.store import Store
from tests.history.checker import contradictions
from tests.history.client import Client

FIRST, SECOND = {"url": "https://example.org/1"}, {"url": "https://example.org/2"}


@pytest.fixture
def client(store: Store) -> Client:
    """A client that does what a test says."""
    return Client(store, 0, io.StringIO())


def unacknowledged(do: Callable[[], object]) -> object:
    do()
    raise StoreUnavailableError


def test_one_whose_registration_was_lost_is_met_and_moved(store: Store, client: Client) -> None:
    draft = inputs.parse_new_artifact(ArtifactType.CODE, {"name": "a", **FIRST})
    register = partial(store.register, [draft], OnConflict.REJECT)
    as_told = ("register", None, {"type": "code", "name": "a", **FIRST})
    changes = inputs.parse_patch(ArtifactType.CODE, SECOND)

    lost = client.write(*as_told, lambda: unacknowledged(register))
    met = client.write(*as_told, lambda: register()[0])
    (id_,) = client.shared
    moved = client.write("update", id_, SECOND, lambda: store.update(id_, None, changes))

    assert moved["answer"]["version"] == 2
    assert list(contradictions(store, [lost, met, moved])) == []
    assert list(contradictions(store, [met, moved])) == [f"{id_} begins with version 2"]
