"""Import and export of NDJSON."""

from collections import Counter

import pytest

from storage.artifacts.records import Identity, OnConflict, Reference, ReferenceKind
from storage.store import Store
from storage.transfer.ndjson import (
    RejectedLine,
    Summary,
    export_lines,
    import_lines,
    import_sample,
)
from tests.storage.samples import (
    ALL_TYPES,
    CODE,
    DATASET,
    MODEL,
    START,
    bert,
    by_id,
    by_name,
    by_url,
    delete,
    find_by_name,
    links,
    listing,
    new_artifact,
    read_all,
    register,
    register_one,
    squad,
    update,
)
from tests.storage.transfer.messy import Expected, messy_lines

KINDS = {
    "datasets": ReferenceKind.DATASET,
    "codes": ReferenceKind.CODE,
    "baseModels": ReferenceKind.BASE_MODEL,
}


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
def test_thousands_of_lines_are_imported(store: Store) -> None:
    lines, expected = messy_lines()
    assert (expected.registered, expected.duplicates) == (2_630, 376)

    _check(store, lines, expected)


def test_a_repeated_import_updates_and_adds_nothing(store: Store) -> None:
    lines, expected = messy_lines(scale=50)
    import_lines(store, lines[: len(lines) // 2])
    half = store.count(listing())
    assert half is not None

    summary = import_lines(store, lines, OnConflict.UPDATE)

    assert summary.registered == expected.registered - half
    assert summary.updated == half + expected.duplicates
    assert store.count(listing()) == expected.registered
    assert _resolved(store)[0] == expected.references


def test_the_sample_is_imported_once(store: Store) -> None:
    summary = import_sample(store)

    assert summary.registered == store.count(listing())
    assert summary.rejected == {}
    assert import_sample(store) == Summary(rejected=Counter(ALREADY_EXISTS=summary.registered))


def test_the_references_of_the_sample_resolve_except_three(
    store: Store,
) -> None:
    import_sample(store)

    models = read_all(store, listing(MODEL))
    wanted = [r for model in models for r in model.references]
    found = store.resolve([r.target for r in wanted])
    lost = {r.value for r in wanted if r.target not in found}
    assert lost == {"webtext", "natural_questions", "imagenet-21k"}
    assert {r.kind for r in wanted} == set(ReferenceKind)


def _write_history(store: Store) -> None:
    """Register, rename and delete artifacts: namesakes, successions, a deleted target."""
    first, second, third, glue = register(
        store,
        squad(url="https://x.org/1"),
        squad(url="https://x.org/2", tags=("b", "a"), license="mit"),
        new_artifact(
            DATASET, "SQuAD", url="https://x.org/3", download_url="https://x.org/3.zip"
        ),
        new_artifact(DATASET, "glue"),
    )
    everyone = by_id(DATASET, second.id), by_url(DATASET, glue.url), by_name(DATASET, " SQUAD ")
    model = register_one(store, bert(*everyone, by_name(CODE, "none")))
    register(store, new_artifact(MODEL, "roberta", by_name(MODEL, "BERT"), rated=-1.0))
    register(store, new_artifact(CODE, "Straße\x00👩🏽‍💻"))
    first = update(store, first, name="elsewhere")
    update(store, first, name="squad")
    update(store, glue, name="squad")
    delete(store, second)
    update(store, model, tags=("x",))
    owner = find_by_name(store, DATASET, "squad")
    assert owner is not None
    assert owner.id == third.id
    kept = Identity(id="old", version=9, created_at=START, updated_at=START, named_at=START)
    register(store, new_artifact(DATASET, "squad", url="https://x.org/old", identity=kept))


def test_an_imported_export_is_the_same_registry(store: Store, other: Store) -> None:
    _write_history(store)
    lines = list(export_lines(store))

    summary = import_lines(other, lines)

    assert (summary.registered, summary.rejected) == (len(lines), {})
    assert list(export_lines(other)) == lines
    assert list(other.scan()) == list(store.scan())
    for artifact_type in ALL_TYPES:
        for name in ("squad", "glue", "elsewhere", "bert"):
            assert find_by_name(other, artifact_type, name) == find_by_name(
                store, artifact_type, name
            )
    for model in read_all(store, listing(MODEL)):
        assert links(other, model) == links(store, model)
    assert list(other.check()) == []


def test_importing_an_export_into_its_store_changes_nothing(store: Store) -> None:
    _write_history(store)
    lines = list(export_lines(store))

    summary = import_lines(store, lines, OnConflict.UPDATE)

    assert (summary.registered, summary.updated) == (0, len(lines))
    assert list(export_lines(store)) == lines


def test_a_line_with_an_incomplete_identity_is_rejected(store: Store) -> None:
    lines = [b'{"type": "dataset", "url": "https://x.org/1", "id": "7"}']

    summary = import_lines(store, lines)

    assert summary.rejected == {"INVALID": 1}
    assert store.count(listing()) == 0


def test_the_longest_id_and_name_can_be_combined(store: Store) -> None:
    kept = Identity(id="i" * 128, version=1, created_at=START, updated_at=START, named_at=START)

    found = register_one(
        store, new_artifact(DATASET, "ΐ" * 512, url="https://x.org/1", identity=kept)
    )

    assert read_all(store, listing(DATASET)) == [found]
