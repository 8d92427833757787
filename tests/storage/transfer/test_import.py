"""Imports: which lines are registered, and which are rejected for what reason."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from storage.artifacts.records import Reference, ReferenceKind
from storage.artifacts.writes import Identity, OnConflict
from storage.clock import system_clock
from storage.errors import StoreUnavailableError
from storage.sqlite.store import SqliteStore
from storage.store import Store
from storage.transfer.importing import (
    RejectedLine,
    Summary,
    import_lines,
    import_sample,
    read_lines,
)
from tests.storage.contract.recorded_changes import ManualClock
from tests.storage.samples import DATASET, MODEL, START, listing, new_artifact, squad
from tests.storage.store_calls import read_all, register_one
from tests.storage.transfer.messy import Expected, messy_lines
from tests.storage.transfer.round_trip import export, import_all, parse, to_lines

KINDS = {
    "datasets": ReferenceKind.DATASET,
    "codes": ReferenceKind.CODE,
    "baseModels": ReferenceKind.BASE_MODEL,
}
STORED: dict[str, Any] = {
    "type": "model",
    "id": "7",
    "name": "bert",
    "url": "https://x.org/7",
    "version": 2,
    "createdAt": "2024-01-01T00:00:00Z",
    "updatedAt": "2024-01-01T00:00:00Z",
    "namedAt": "2024-01-01T00:00:00Z",
}
CHANGE: dict[str, Any] = {
    "type": "change",
    "artifactId": "7",
    "artifactType": "model",
    "name": "bert",
    "version": 2,
    "kind": "updated",
    "at": "2024-01-01T00:00:00Z",
    "fields": [{"field": "license", "before": None, "after": "mit"}],
}
OTHER = {"type": "dataset", "url": "https://x.org/other"}


def _resolved(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """The numbers of references of each kind, and of those that resolve."""
    models = read_all(store, listing(MODEL))
    asked = [r for model in models for r in model.references]
    found = store.resolve([r.target for r in asked])

    def count(references: list[Reference]) -> dict[str, int]:
        kinds = Counter(r.kind for r in references)
        return {name: kinds[kind] for name, kind in KINDS.items()}

    return count(asked), count([r for r in asked if r.target in found])


def _check(store: Store, lines: list[bytes], expected: Expected) -> None:
    rejects: list[RejectedLine] = []

    summary = import_lines(store, lines, on_reject=rejects.append)

    assert (summary.registered, summary.updated) == (expected.registered, 0)
    assert summary.rejected == {
        "ALREADY_EXISTS": expected.duplicates,
        "UNREADABLE": expected.unreadable,
        "INVALID": expected.invalid,
    }
    assert store.count(listing()) == expected.registered
    assert _resolved(store) == (expected.references, expected.resolved)
    kept = [reject for reject in rejects if reject.reason == "UNREADABLE"]
    unreadable = {n for n, line in enumerate(lines, 1) if line[:1] in (b"\xff", b"[")}
    assert unreadable <= {reject.line for reject in kept}
    assert all(reject.text.encode()[:4] in lines[reject.line - 1] or reject.text[0] == "\\"
               for reject in kept)  # fmt: skip


def test_valid_lines_are_imported_and_others_rejected(store: Store) -> None:
    lines, expected = messy_lines(scale=20)

    _check(store, lines, expected)


@pytest.mark.slow
def test_thousands_of_lines_are_imported(engine: str, store: Store) -> None:
    # For each line, moto takes time in proportion to the size of the table.
    lines, expected = messy_lines(scale=4 if engine == "moto" else 1)
    assert expected.registered == (657 if engine == "moto" else 2_630)
    # The search index exists from now on: building it takes longer than a listing waits.
    assert store.count(listing()) == 0

    _check(store, lines, expected)


def test_a_repeated_import_updates_and_adds_nothing(store: Store) -> None:
    lines, expected = messy_lines(scale=50)
    import_lines(store, lines[: len(lines) // 2])
    half = store.count(listing())
    assert half is not None

    summary = import_lines(store, lines, OnConflict.UPDATE)

    assert summary.registered == expected.registered - half
    assert summary.registered + summary.updated + summary.unchanged == (
        expected.registered + expected.duplicates
    )
    assert store.count(listing()) == expected.registered
    assert _resolved(store)[0] == expected.references


def test_the_sample_is_imported_once(store: Store) -> None:
    summary = import_sample(store)

    assert summary.registered == store.count(listing())
    assert summary.rejected == {}
    assert import_sample(store) == Summary(rejected=Counter(ALREADY_EXISTS=summary.registered))


def test_the_references_of_the_sample_resolve_except_three(store: Store) -> None:
    import_sample(store)

    models = read_all(store, listing(MODEL))
    wanted = [r for model in models for r in model.references]
    found = store.resolve([r.target for r in wanted])
    lost = {r.value for r in wanted if r.target not in found}
    assert lost == {"webtext", "natural_questions", "imagenet-21k"}
    assert {r.kind for r in wanted} == set(ReferenceKind)


def test_the_longest_id_and_name_can_be_combined(store: Store) -> None:
    kept = Identity(id="i" * 128, version=1, created_at=START, updated_at=START, named_at=START)

    found = register_one(
        store, new_artifact(DATASET, "ΐ" * 512, url="https://x.org/1", identity=kept)
    )

    assert read_all(store, listing(DATASET)) == [found]


def test_importing_what_is_there_already_changes_nothing(store: Store) -> None:
    artifact = register_one(store, squad(license="mit"))
    line = {"type": "dataset", "url": artifact.url, "name": "squad", "license": "mit"}

    summary, _ = import_all(store, to_lines(line), OnConflict.UPDATE)

    assert (summary.registered, summary.updated, summary.unchanged) == (0, 0, 1)
    assert list(store.scan()) == [artifact]


def test_a_byte_order_mark_does_not_hide_the_first_line(store: Store) -> None:
    summary, _ = import_all(store, [b"\xef\xbb\xbf" + to_lines(OTHER)[0]])

    assert summary.registered == 1


def test_a_store_that_fails_leaves_what_was_counted(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    store, summary = SqliteStore(path), Summary()

    def lines() -> Iterator[bytes]:
        yield from to_lines(*({**OTHER, "url": f"x://y/{n}"} for n in range(150)))
        with closing(sqlite3.connect(path)) as db:
            db.execute("DROP TABLE artifact")

    with pytest.raises(StoreUnavailableError):
        import_lines(store, lines(), summary=summary)

    assert summary == Summary(registered=100)


def test_a_line_that_is_too_long_is_rejected_and_the_next_imported(store: Store) -> None:
    file = BytesIO(b'{"type": "' + b"x" * 20_000_000 + b'"}\n' + to_lines(OTHER)[0])

    lines = list(read_lines(file))
    _, rejects = import_all(store, lines)

    assert [len(line) < 9_000_000 for line in lines] == [True, True]
    assert rejects == [(1, "UNREADABLE", "", "longer than 8,000,000 bytes")]
    assert store.count(listing()) == 1


def test_times_may_be_five_minutes_ahead_of_the_clock(store: Store) -> None:
    ahead = system_clock() + timedelta(days=400)
    line = {**STORED, "updatedAt": ahead.isoformat()}

    for minutes, registered in ((5.01, 0), (5, 1)):
        now = ahead - timedelta(minutes=minutes)
        summary = import_lines(store, to_lines(line), clock=ManualClock(now))
        assert summary.registered == registered


def test_an_artifact_that_has_the_url_already_keeps_its_own_history(store: Store) -> None:
    import_all(store, to_lines({**STORED, "id": "first"}))
    history = {**CHANGE, "artifactId": "second"}
    lines = to_lines({**STORED, "id": "second"}, history, {**history, "version": 1})

    summary, _ = import_all(store, lines, OnConflict.UPDATE)

    assert summary.unchanged == 1
    assert [line.get("artifactId") for line in parse(export(store))] == [None, "first"]


def test_changes_of_a_rejected_artifact_are_left_out_with_it(store: Store) -> None:
    lines = to_lines({**STORED, "version": 0}, CHANGE, {**CHANGE, "version": 1}, OTHER)

    summary, rejects = import_all(store, lines)

    assert [(line, field) for line, _, field, _ in rejects] == [(1, "version")]
    assert summary.registered == 1
    assert [line["type"] for line in parse(export(store))] == ["dataset", "change"]


def test_a_rejected_change_leaves_the_others_and_their_artifact(store: Store) -> None:
    first = {**CHANGE, "version": 1, "kind": "registered", "fields": []}
    licensed = {**STORED, "license": "mit"}
    lines = to_lines(licensed, CHANGE, {**CHANGE, "kind": "changed"}, first, OTHER)

    summary, rejects = import_all(store, lines)

    message = "must be one of 'registered', 'updated', 'rated', 'deleted' or 'restored'"
    assert rejects == [(3, "INVALID", "kind", message)]
    assert summary.registered == 2
    kept = [(line["type"], line.get("version")) for line in parse(export(store))]
    assert kept[:3] == [("model", 2), ("change", 2), ("change", 1)]
