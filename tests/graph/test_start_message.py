"""The server says at its start what it serves, and who may change it."""

from contextlib import closing
from pathlib import Path

import pytest

from graph.settings import Settings
from graph.start_message import describe_start
from storage.errors import SearchNotReadyError, StoreUnavailableError
from storage.settings import load_settings
from storage.sqlite.store import SqliteStore
from storage.transfer.importing import import_sample
from storage.transfer.sample_data import fill_with_sample
from tests.graph.recording_store import RecordingStore
from tests.storage.samples import squad
from tests.storage.store_calls import delete, register_one

READER = f"dashboard:read:{'0' * 64}"
WRITER = f"ci:write:{'1' * 64}"


@pytest.mark.parametrize(
    ("settings", "access"),
    [
        (
            {},
            (
                "Everybody who can reach this address may change them: the role admin needs no"
                " token."
            ),
        ),
        (
            {"AUTH_TOKENS": f"{READER},{WRITER}"},
            (
                "Callers with a token of the role write or admin may change them; nothing is"
                " allowed without a token."
            ),
        ),
        (
            {"AUTH_TOKENS": READER, "AUTH_ANONYMOUS": "read"},
            (
                "Nobody may change them: no token has the role write or admin; everybody who"
                " can reach this address may read them."
            ),
        ),
        (
            {"AUTH_ISSUER": "https://a.example", "AUTH_AUDIENCE": "registry"},
            (
                "Callers with a token of the role write or admin may change them; nothing is"
                " allowed without a token."
            ),
        ),
    ],
)
def test_contents_and_access(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], access: str
) -> None:
    path = tmp_path / "registry.db"
    for name, value in {**settings, "SQLITE_PATH": str(path)}.items():
        monkeypatch.setenv(name, value)
    with closing(SqliteStore(path)) as store:
        import_sample(store)
        text = describe_start(store, load_settings(Settings), is_sample_refused=False)

    assert text.splitlines() == [
        f"Serving the file {path}: 17 models, 13 datasets and 11 code artifacts.",
        access,
        (
            "Stop the server with Ctrl-C. The data remain; to serve them again, run "
            "`python -m graph` with the same settings."
        ),
    ]


@pytest.mark.parametrize(
    ("failure", "contents"),
    [
        (
            SearchNotReadyError(1),
            "the search index is being built, which counts the artifacts.",
        ),
        (
            StoreUnavailableError("the search index was not up to date in time"),
            "the artifacts could not be counted: the search index was not up to date in time.",
        ),
    ],
)
def test_an_index_that_is_not_ready_or_far_behind_does_not_stop_the_start(
    tmp_path: Path, failure: Exception, contents: str
) -> None:
    with closing(RecordingStore(tmp_path / "registry.db")) as store:
        store.failure = failure

        text = describe_start(store, load_settings(Settings), is_sample_refused=True)

    assert contents in text
    assert "The sample data were not loaded: the store is not empty" in text


def test_samples_fill_an_unused_store_and_do_not_come_back(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        assert fill_with_sample(store)
        for artifact in list(store.scan()):
            delete(store, artifact)

        assert not fill_with_sample(store)

        assert list(store.scan()) == []


def test_samples_are_not_added_to_other_artifacts(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        made = register_one(store, squad())

        assert not fill_with_sample(store)

        assert list(store.scan()) == [made]
