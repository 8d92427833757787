"""Registering, updating, rating, deleting, resetting: what each changes and what it keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.ids import is_id
from storage.records import (
    ArtifactType,
    Changes,
    Draft,
    Identity,
    OnConflict,
    Registered,
    RejectionCode,
)
from storage.store import Store
from tests.storage.samples import (
    CODE,
    DATASET,
    DAWN,
    EVERY_TYPE,
    MODEL,
    at_url,
    bert,
    by_id,
    by_name,
    by_url,
    delete,
    draft,
    links,
    listing,
    models_of,
    named,
    rating,
    refused,
    register,
    register_one,
    squad,
    update,
    url_of,
    walk,
)

NOBODY = "01a00000-0000-7000-8000-000000000000"
IDENTITY = Identity(
    id="0190a5f0-0000-7000-8000-000000000007",
    version=7,
    created_at=DAWN,
    updated_at=DAWN + timedelta(days=2, microseconds=1),
    named_at=DAWN + timedelta(days=1),
)
each_type = pytest.mark.parametrize("of", EVERY_TYPE, ids=lambda of: of.value)


def _whole() -> Draft:
    return draft(
        MODEL,
        "bert",
        by_name(DATASET, "squad"),
        by_url(CODE, url_of(CODE, "trainer")),
        by_id(MODEL, NOBODY),
        rated=0.5,
        download_url="https://example.org/bert.bin",
        license="mit",
        tags=("nlp", "Ünï", "nlp"),
    )


@each_type
def test_registered_artifact_is_as_it_was_given(store: Store, of: ArtifactType) -> None:
    before = datetime.now(UTC)

    found = register_one(
        store,
        draft(of, "bert", download_url="https://x.org/1", license="mit", tags=("b", "a", "b")),
    )

    assert (found.type, found.name, found.url) == (of, "bert", url_of(of, "bert"))
    assert (found.download_url, found.license) == ("https://x.org/1", "mit")
    assert found.tags == ("b", "a", "b")
    assert (found.version, found.references, found.rating) == (1, (), None)
    assert is_id(found.id)
    assert before <= found.created_at <= datetime.now(UTC)
    assert found.created_at == found.updated_at == found.named_at
    assert store.get([found.id]) == {found.id: found}


def test_model_keeps_its_references_as_asked_and_its_rating(store: Store) -> None:
    found = register_one(store, _whole())

    assert found.references == (
        by_name(DATASET, "squad"),
        by_url(CODE, url_of(CODE, "trainer")),
        by_id(MODEL, NOBODY),
    )
    assert found.rating == rating(0.5)
    assert store.get([found.id]) == {found.id: found}


def test_identity_of_an_exported_artifact_is_kept(store: Store) -> None:
    found = register_one(store, squad(identity=IDENTITY))

    assert found.id == IDENTITY.id
    assert found.version == 7
    assert found.created_at == DAWN
    assert found.updated_at == DAWN + timedelta(days=2, microseconds=1)
    assert found.named_at == DAWN + timedelta(days=1)
    assert store.get([found.id]) == {found.id: found}


def test_id_that_is_taken_is_refused_and_overwrites_nothing(store: Store) -> None:
    first = register_one(store, squad(identity=IDENTITY))

    (outcome,) = store.register([draft(MODEL, "thief", identity=IDENTITY)], OnConflict.REJECT)

    assert refused(outcome, RejectionCode.ALREADY_EXISTS).field == ("id",)
    assert walk(store, listing()) == [first]
    assert named(store, MODEL, "thief") is None


@pytest.mark.parametrize("how", OnConflict, ids=lambda how: how.value)
def test_two_drafts_of_one_id_in_a_batch_leave_the_first(store: Store, how: OnConflict) -> None:
    drafts = [draft(DATASET, "a", identity=IDENTITY), draft(MODEL, "b", identity=IDENTITY)]

    first, second = store.register(drafts, how)

    assert isinstance(first, Registered)
    assert refused(second, RejectionCode.ALREADY_EXISTS).field == ("id",)
    assert walk(store, listing()) == [first.artifact]


@each_type
def test_url_is_had_once_a_type(store: Store, of: ArtifactType) -> None:
    url = "https://example.org/shared"
    found = {t: register_one(store, draft(t, "one", url=url)) for t in EVERY_TYPE}

    (outcome,) = store.register([draft(of, "two", url=url, license="x")], OnConflict.REJECT)

    rejection = refused(outcome, RejectionCode.ALREADY_EXISTS)
    assert rejection.field == ("url",)
    assert rejection.artifact == found[of]
    assert {t: at_url(store, t, url) for t in EVERY_TYPE} == found
    assert named(store, of, "two") is None


def test_taken_url_is_updated_where_asked_and_keeps_what_was_not_given(store: Store) -> None:
    model = register_one(store, _whole())
    again = Draft(
        type=MODEL,
        url=model.url,
        name="derived from the url",
        changes=Changes(url=model.url, license="apache-2.0"),
    )

    (outcome,) = store.register([again], OnConflict.UPDATE)

    assert isinstance(outcome, Registered)
    assert not outcome.created
    found = outcome.artifact
    assert found == replace(model, license="apache-2.0", version=2, updated_at=found.updated_at)
    assert found.updated_at > model.updated_at
    assert store.get([model.id]) == {model.id: found}


def test_two_drafts_of_one_url_in_a_batch_the_first_wins(store: Store) -> None:
    drafts = [squad(license="first"), draft(DATASET, "other"), squad(license="second")]

    first, other, second = store.register(drafts, OnConflict.REJECT)

    assert isinstance(first, Registered)
    assert isinstance(other, Registered)
    assert refused(second, RejectionCode.ALREADY_EXISTS).artifact == first.artifact
    assert at_url(store, DATASET, url_of(DATASET, "squad")) == first.artifact


def test_two_drafts_of_one_url_in_a_batch_the_second_updates(store: Store) -> None:
    drafts = [squad(license="first", tags=("a",)), squad(license="second"), squad(tags=())]

    outcomes = store.register(drafts, OnConflict.UPDATE)

    created = [o.created for o in outcomes if isinstance(o, Registered)]
    assert created == [True, False, False]
    found = at_url(store, DATASET, url_of(DATASET, "squad"))
    assert found is not None
    assert (found.license, found.tags, found.version) == ("second", (), 3)


def test_batch_of_a_hundred_with_duplicates_and_namesakes(store: Store) -> None:
    drafts = [
        draft(
            EVERY_TYPE[at % 3],
            f"name {at % 5}",
            *([by_name(DATASET, f"Name {at % 7}")] if at % 3 == 0 else []),
            url=f"https://example.org/{at % 60}",
        )
        for at in range(100)
    ]

    outcomes = store.register(drafts, OnConflict.REJECT)

    first = {(d.type, d.url): at for at, d in reversed(list(enumerate(drafts)))}
    for at, (wanted, outcome) in enumerate(zip(drafts, outcomes, strict=True)):
        if first[wanted.type, wanted.url] == at:
            assert isinstance(outcome, Registered)
            assert outcome.created
            assert (outcome.artifact.type, outcome.artifact.url) == (wanted.type, wanted.url)
        else:
            rejection = refused(outcome, RejectionCode.ALREADY_EXISTS)
            assert rejection.artifact is not None
            assert rejection.artifact.url == wanted.url
    registered = [o.artifact for o in outcomes if isinstance(o, Registered)]
    assert len(registered) == len(first) == 60
    for of in EVERY_TYPE:
        for at in range(5):
            bearers = [a for a in registered if a.type is of and a.name == f"name {at}"]
            assert named(store, of, f"name {at}") == bearers[0]
    assert store.count(listing()) == 60


@each_type
def test_update_changes_what_was_given_alone(store: Store, of: ArtifactType) -> None:
    before = register_one(
        store, draft(of, "bert", download_url="https://x.org/1", license="mit", tags=("a",))
    )

    after = update(store, before, license="apache-2.0")

    assert after == replace(
        before, license="apache-2.0", version=2, updated_at=after.updated_at
    )
    assert after.updated_at > before.updated_at
    assert store.get([before.id]) == {before.id: after}


def test_update_that_gives_nothing_is_a_version_all_the_same(store: Store) -> None:
    before = register_one(store, _whole())

    after = update(store, before)

    assert after == replace(before, version=2, updated_at=after.updated_at)


def test_update_clears_what_is_given_as_nothing(store: Store) -> None:
    before = register_one(store, _whole())

    after = update(
        store,
        before,
        download_url=None,
        license=None,
        tags=(),
        datasets=(),
        codes=(),
        base_models=(),
        rating=None,
    )

    assert (after.download_url, after.license, after.rating) == (None, None, None)
    assert (after.tags, after.references) == ((), ())
    assert (after.id, after.name, after.url) == (before.id, before.name, before.url)
    assert store.get([before.id]) == {before.id: after}


@pytest.mark.parametrize("kind", ["datasets", "codes", "base_models"])
def test_update_of_one_kind_of_reference_keeps_the_others(store: Store, kind: str) -> None:
    before = register_one(store, _whole())
    of = {"datasets": DATASET, "codes": CODE, "base_models": MODEL}[kind]

    after = update(store, before, **{kind: (by_name(of, "new"), by_name(of, "newer"))})

    kept = {r for r in before.references if r.kind.artifact_type is not of}
    assert set(after.references) == kept | {by_name(of, "new"), by_name(of, "newer")}
    assert after.rating == before.rating


def test_rating_changes_the_rating_alone(store: Store) -> None:
    before = register_one(store, _whole())

    after = update(store, before, rating=rating(0.25))

    assert after.rating == rating(0.25)
    assert after == replace(before, rating=rating(0.25), version=2, updated_at=after.updated_at)


@each_type
def test_update_of_the_wrong_type_changes_nothing(store: Store, of: ArtifactType) -> None:
    before = register_one(store, draft(of, "bert"))
    for wrong in EVERY_TYPE:
        if wrong is of:
            continue

        updated = store.update(before.id, wrong, Changes(name="other"))
        deleted = store.delete(before.id, wrong)

        assert refused(updated, RejectionCode.WRONG_TYPE).field == ("id",)
        assert refused(deleted, RejectionCode.WRONG_TYPE).field == ("id",)
    assert store.get([before.id]) == {before.id: before}
    assert named(store, of, "bert") == before


def test_update_and_delete_without_a_type_take_any(store: Store) -> None:
    before = register_one(store, squad())

    after = store.update(before.id, None, Changes(license="mit"))
    gone = store.delete(before.id, None)

    assert after == gone
    assert store.get([before.id]) == {}


@pytest.mark.parametrize(
    "id_", [NOBODY, "", "none", f"url#dataset#{url_of(DATASET, 'squad')}", "name#dataset#squad"]
)
def test_unknown_id_is_not_found(store: Store, id_: str) -> None:
    before = register_one(store, squad())

    updated = store.update(id_, None, Changes(name="other"))
    deleted = store.delete(id_, DATASET)

    assert refused(updated, RejectionCode.NOT_FOUND).field == ("id",)
    assert refused(deleted, RejectionCode.NOT_FOUND).field == ("id",)
    assert store.get([id_]) == {}
    assert walk(store, listing()) == [before]


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_stale_version_is_refused_and_changes_nothing(store: Store, stale: int) -> None:
    before = update(store, register_one(store, squad()), license="mit")

    updated = store.update(before.id, DATASET, Changes(name="other"), stale)
    deleted = store.delete(before.id, DATASET, stale)

    for outcome in (updated, deleted):
        rejection = refused(outcome, RejectionCode.VERSION_CONFLICT)
        assert rejection.field == ("expectedVersion",)
        assert rejection.artifact == before
    assert store.get([before.id]) == {before.id: before}
    assert store.update(before.id, DATASET, Changes(name="other"), 2) != before
    assert store.delete(before.id, DATASET, 3) != before
    assert store.get([before.id]) == {}


def test_update_to_a_taken_url_names_the_one_in_the_way(store: Store) -> None:
    first = register_one(store, squad())
    second = register_one(store, draft(DATASET, "glue"))

    outcome = store.update(
        second.id, DATASET, Changes(url=first.url, name="squad", license="mit")
    )

    rejection = refused(outcome, RejectionCode.ALREADY_EXISTS)
    assert rejection.field == ("url",)
    assert rejection.artifact == first
    assert store.get([second.id]) == {second.id: second}
    assert at_url(store, DATASET, second.url) == second
    assert named(store, DATASET, "glue") == second


def test_update_frees_the_old_url_and_takes_the_new(store: Store) -> None:
    before = register_one(store, squad())

    after = update(store, before, url="https://example.org/new")
    again = register_one(store, draft(DATASET, "glue", url=before.url))

    assert at_url(store, DATASET, "https://example.org/new") == after
    assert at_url(store, DATASET, before.url) == again
    assert update(store, after, url=after.url).version == 3


def test_deleted_url_and_name_are_free_again(store: Store) -> None:
    before = register_one(store, squad())

    gone = store.delete(before.id, DATASET)
    again = register_one(store, squad())

    assert gone == before
    assert again.id != before.id
    assert again.version == 1
    refused(store.delete(before.id, DATASET), RejectionCode.NOT_FOUND)
    assert at_url(store, DATASET, before.url) == again
    assert named(store, DATASET, "squad") == again


def test_ninety_references_are_kept_and_moved_by_halves(store: Store) -> None:
    def datasets(start: int, count: int) -> tuple[object, ...]:
        return tuple(by_name(DATASET, f"d{n}") for n in range(start, start + count))

    target = register_one(store, draft(DATASET, "d89"))
    model = register_one(store, draft(MODEL, "m", datasets=datasets(0, 90)))
    assert len(model.references) == 90
    assert models_of(store, target) == [model.id]

    too_many = store.update(model.id, MODEL, Changes(datasets=datasets(46, 90)))  # type: ignore[typeddict-item]
    refused(too_many, RejectionCode.TOO_MANY)
    assert store.get([model.id]) == {model.id: model}
    assert models_of(store, target) == [model.id]

    half = update(
        store, model, datasets=datasets(45, 90), name="renamed", url="https://n.org/m"
    )
    assert len(half.references) == 90
    assert models_of(store, target) == [model.id]
    none = update(store, half, datasets=())
    assert models_of(store, target) == []
    full = update(store, none, datasets=datasets(0, 30), codes=datasets(30, 60))
    delete(store, full)


def test_reference_over_ninety_is_refused(store: Store) -> None:
    model = register_one(
        store, draft(MODEL, "m", datasets=tuple(by_name(DATASET, f"d{n}") for n in range(60)))
    )

    outcome = store.update(
        model.id, MODEL, Changes(codes=tuple(by_name(CODE, f"c{n}") for n in range(31)))
    )

    refused(outcome, RejectionCode.TOO_MANY)
    assert store.get([model.id]) == {model.id: model}


def test_references_to_one_target_count_once_where_they_move(store: Store) -> None:
    same = tuple(by_name(DATASET, name) for name in ("squad", "SQUAD", " squad") * 20)
    model = register_one(store, draft(MODEL, "m", datasets=same))
    other = tuple(by_name(DATASET, f"d{n}") for n in range(89))

    after = update(store, model, datasets=other)

    assert after.references == other


def test_reset_of_an_empty_store_is_fine(store: Store) -> None:
    assert store.reset() == 0
    assert store.reset() == 0


def test_reset_leaves_nothing_and_everything_registers_again(store: Store) -> None:
    drafts = [
        draft(
            EVERY_TYPE[at % 3],
            f"name {at % 4}",
            *([by_name(DATASET, "name 1"), by_name(CODE, "none")] if at % 3 == 0 else []),
            url=f"https://example.org/{at}",
        )
        for at in range(130)
    ]
    before = register(store, *drafts[:100]) + register(store, *drafts[100:])

    assert store.reset() == 130

    assert walk(store, listing()) == []
    assert store.count(listing()) == 0
    assert store.get([artifact.id for artifact in before]) == {}
    assert named(store, DATASET, "name 1") is None
    assert list(store.scan()) == []
    again = register(store, *drafts[:100]) + register(store, *drafts[100:])
    assert [a.name for a in again] == [a.name for a in before]
    assert named(store, DATASET, "name 1") == again[1]
    assert models_of(store, again[1]) == sorted(a.id for a in again if a.type is MODEL)


def test_everything_at_its_greatest_is_kept(store: Store) -> None:
    wide = "\U0010ffff"
    start = "https://example.org/"
    urls = [start + f"{n:04}" + "u" * (2_000 - len(start) - 4) for n in range(90)]
    wanted = draft(
        MODEL,
        wide * 512,
        url=urls[0],
        download_url=urls[0],
        license=wide * 256,
        tags=tuple(f"{n:03}" + wide * 253 for n in range(100)),
        datasets=tuple(by_url(DATASET, url) for url in urls),
        rated=0.5,
    )

    found = register_one(store, wanted)

    assert store.get([found.id]) == {found.id: found}
    assert len(found.references) == 90
    assert links(store, found) == [None] * 90
    after = update(store, found, tags=())
    assert store.get([found.id]) == {found.id: after}
    delete(store, after)


def test_namesakes_with_many_references_are_replaced_one_for_one(store: Store) -> None:
    models = register(
        store,
        *(
            bert(*(by_name(DATASET, f"d{n}") for n in range(at, at + 40)))
            if at == 0
            else draft(
                MODEL,
                "bert",
                *(by_name(DATASET, f"d{n}") for n in range(at, at + 40)),
                url=f"https://example.org/{at}",
            )
            for at in range(8)
        ),
    )
    target = register_one(store, draft(DATASET, "d7"))

    assert models_of(store, target, first=3) == sorted(m.id for m in models)
    for model in models[::2]:
        update(store, model, datasets=())
    assert models_of(store, target, first=3) == sorted(m.id for m in models[1::2])
