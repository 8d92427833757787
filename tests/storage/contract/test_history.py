"""The history of an artifact: one change for each accepted write, with who made it."""

from storage.artifacts.changes import Attribution, Change, ChangeKind, FieldChange
from storage.artifacts.records import Actor, SavedRating
from storage.artifacts.writes import ArtifactPatch, OnConflict, WriteErrorCode, WriteOutcome
from storage.change_queries import HistoryPage, HistoryQuery
from storage.store import Store
from tests.storage.contract.recorded_changes import (
    ManualClock,
    read_feed,
    read_history,
    read_steps,
)
from tests.storage.samples import (
    ALICE,
    BOB,
    DATASET,
    MODEL,
    START,
    UNKNOWN_ID,
    bert,
    by_name,
    new_artifact,
    rating,
    squad,
    url_for,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    read,
    register,
    register_one,
    restore,
    update,
)


def test_each_kind_of_write_is_a_change(store: Store) -> None:
    model = register_one(store, bert())
    model = update(store, model, license="mit")
    model = update(store, model, rating=rating())
    delete(store, model)
    model = restore(store, model.id)

    assert read_steps(store, model) == [
        (5, "RESTORED"),
        (4, "DELETED"),
        (3, "RATED"),
        (2, "UPDATED"),
        (1, "REGISTERED"),
    ]


def test_a_change_has_the_caller_the_time_and_the_changed_fields(
    timed_store: Store, clock: ManualClock
) -> None:
    made = register_one(timed_store, squad(license="mit"), ALICE)
    clock.advance(hours=1)
    renamed = update(timed_store, made, BOB, name="SQuAD 2", tags=("qa",))

    newest, oldest = read_history(timed_store, made.id, 2)

    assert oldest == Change(
        artifact_id=made.id,
        type=DATASET,
        name="squad",
        version=1,
        kind=ChangeKind.REGISTERED,
        at=START,
        by=ALICE.by,
        request_id="request-1",
        fields=(
            FieldChange("name", None, "squad"),
            FieldChange("url", None, url_for(DATASET, "squad")),
            FieldChange("license", None, "mit"),
        ),
    )
    assert newest == Change(
        artifact_id=made.id,
        type=DATASET,
        name="SQuAD 2",
        version=2,
        kind=ChangeKind.UPDATED,
        at=renamed.updated_at,
        by=BOB.by,
        request_id="request-2",
        fields=(FieldChange("name", "squad", "SQuAD 2"), FieldChange("tags", None, ["qa"])),
    )


def test_a_deletion_and_a_restoration_have_all_fields(store: Store) -> None:
    made = register_one(store, new_artifact(MODEL, "bert", by_name(DATASET, "Squad")))
    delete(store, made, ALICE)
    restored = restore(store, made.id, BOB)

    restoration, deletion, registration = read_history(store, made.id, restored.version)

    assert (deletion.by, restoration.by) == (ALICE.by, BOB.by)
    assert restoration.fields == registration.fields
    assert deletion.fields == tuple(
        FieldChange(each.field, each.after, None) for each in registration.fields
    )
    assert registration.fields[-1] == FieldChange("datasets", None, [{"name": "Squad"}])


def test_an_artifact_tells_who_made_and_who_changed_it(store: Store) -> None:
    made = register_one(store, bert(), ALICE)
    assert (made.created_by, made.updated_by) == (ALICE.by, ALICE.by)

    rated = update(store, made, BOB, rating=rating())

    assert (rated.created_by, rated.updated_by) == (ALICE.by, BOB.by)
    assert rated.rating == SavedRating(rating(), rated.updated_at, BOB.by)
    licensed = update(store, rated, license="mit")
    assert (licensed.created_by, licensed.updated_by) == (ALICE.by, None)
    assert licensed.rating == rated.rating
    assert read(store, made.id) == licensed


def test_any_text_can_be_the_name_of_a_caller(store: Store) -> None:
    actor = Actor("\x00é\U0010ffff'\"\\", "")
    made = register_one(store, squad(), Attribution(actor, "\x00"))

    (change,) = read_history(store, made.id, 1)

    assert (change.by, change.request_id) == (actor, "\x00")
    assert read(store, made.id).created_by == actor


def test_times_of_changes_increase_whatever_the_clock_says(
    timed_store: Store, clock: ManualClock
) -> None:
    model = register_one(timed_store, bert())
    clock.advance(hours=-1)
    model = update(timed_store, model, license="mit")
    delete(timed_store, model)
    clock.advance(days=-1)
    model = restore(timed_store, model.id)

    changes = read_history(timed_store, model.id, model.version)

    assert [(c.at - START).total_seconds() for c in changes] == [0.003, 0.002, 0.001, 0]
    assert read(timed_store, model.id).updated_at == changes[0].at


def test_pages_of_several_histories_are_read_together(store: Store) -> None:
    one, other = register(store, squad(), bert())
    for n in range(5):
        one = update(store, one, license=f"{n}")

    pages = store.read_history(
        [
            HistoryQuery(one.id, 6, 2),
            HistoryQuery(one.id, 4, 10),
            HistoryQuery(other.id, 1, 10),
            HistoryQuery(UNKNOWN_ID, 3, 10),
            HistoryQuery(one.id, 3, 3),
        ]
    )

    assert [[change.version for change in page.changes] for page in pages] == [
        [6, 5],
        [4, 3, 2, 1],
        [1],
        [],
        [3, 2, 1],
    ]
    assert [page.has_next for page in pages] == [True, False, False, False, False]
    assert store.read_history([]) == []


def test_a_page_of_large_changes_ends_early_but_is_not_empty(store: Store) -> None:
    made = register_one(store, squad())
    for n in range(8):
        made = update(store, made, license=f"{n}" + "x" * 140_000)
    query = HistoryQuery(made.id, made.version, 100)

    found: list[int] = []
    pages = 0
    while True:
        (page,) = store.read_history([query])
        assert page.changes
        pages += 1
        found += [change.version for change in page.changes]
        if not page.has_next:
            break
        query = HistoryQuery(made.id, found[-1] - 1, 100)

    assert found == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert pages > 1


def test_rejected_writes_are_no_changes(store: Store) -> None:
    first = register_one(store, squad())
    second = register_one(store, new_artifact(DATASET, "glue"))
    cursor = store.feed_cursor()

    (taken,) = store.register([squad(license="x")], OnConflict.REJECT)
    expect_error(taken, WriteErrorCode.ALREADY_EXISTS)
    moved = store.update(second.id, None, ArtifactPatch(url=first.url))
    expect_error(moved, WriteErrorCode.ALREADY_EXISTS)
    stale = store.update(first.id, None, ArtifactPatch(license="x"), expected_version=2)
    expect_error(stale, WriteErrorCode.VERSION_CONFLICT)
    expect_error(store.delete(first.id, MODEL), WriteErrorCode.WRONG_TYPE)
    expect_error(store.restore(first.id), WriteErrorCode.NOT_FOUND)

    assert read_feed(store, cursor) == []
    assert read_steps(store, first) == [(1, "REGISTERED")]


def test_registering_what_is_there_is_a_change_of_its_fields(store: Store) -> None:
    made = register_one(store, squad(license="mit"))

    (result,) = store.register([squad(license="x")], OnConflict.UPDATE, ALICE)

    after = expect_written(result, WriteOutcome.UPDATED)
    assert read_steps(store, after) == [(2, "UPDATED"), (1, "REGISTERED")]
    newest, _ = read_history(store, made.id, 2)
    assert (newest.by, newest.fields) == (ALICE.by, (FieldChange("license", "mit", "x"),))


def test_an_unknown_artifact_has_no_history(store: Store) -> None:
    assert store.read_history([HistoryQuery(UNKNOWN_ID, 1, 5)]) == [HistoryPage((), False)]
