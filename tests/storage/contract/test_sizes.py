"""The bound on the bytes of an artifact, and writes of the greatest size."""

import pytest

from storage.artifacts.changes import encoded_size
from storage.artifacts.records import Reference
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import (
    ArtifactPatch,
    NewArtifact,
    OnConflict,
    WriteErrorCode,
    WriteOutcome,
)
from storage.store import Store
from tests.storage.contract.recorded_changes import read_feed, read_steps
from tests.storage.samples import (
    DATASET,
    MODEL,
    START,
    bert,
    by_name,
    by_url,
    listing,
    new_artifact,
    url_for,
)
from tests.storage.store_calls import (
    delete,
    expect_error,
    expect_written,
    links,
    read,
    read_all,
    register,
    register_one,
    restore,
    update,
)

MOST = 150_000
EMOJI = "\U0001f600"
WIDE = tuple((f"{n:03}" + EMOJI * 125, EMOJI * 1_024) for n in range(32))
"""Properties that alone have more bytes than an artifact may have with tags like these."""
TAGS = tuple(f"{n:03}" + EMOJI * 253 for n in range(100))


def _urls(character: str, count: int = 90) -> tuple[Reference, ...]:
    start = "https://example.org/"
    size = 2_000 - len(start) - 3
    return tuple(by_url(DATASET, f"{start}{n:03}{character * size}") for n in range(count))


LONG_NAMES = tuple(by_name(DATASET, f"{n}" + "d" * 500) for n in range(90))
TOO_LARGE = {
    "urls of quotes": ArtifactPatch(datasets=_urls('"', 85)),
    "urls of letters": ArtifactPatch(datasets=_urls("u", 85)),
    "tags of control characters": ArtifactPatch(tags=tuple("\x01" * 256 for _ in range(100))),
    "tags and properties of emoji": ArtifactPatch(tags=TAGS, properties=WIDE),
}


@pytest.mark.parametrize("fields", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_artifact_that_is_too_large_is_an_error(store: Store, fields: ArtifactPatch) -> None:
    small = register_one(store, bert())
    drafts = [
        _model(fields, "large"),
        new_artifact(MODEL, "other"),
        _model(fields, "bert"),
    ]

    large, other, updated = store.register(drafts, OnConflict.UPDATE)
    patched = store.update(small.id, MODEL, fields)

    for result in (large, updated, patched):
        assert expect_error(result, WriteErrorCode.TOO_MANY).field == ("input",)
    found = read_all(store, listing())
    assert found == [small, expect_written(other, WriteOutcome.CREATED)]
    assert len(read_feed(store)) == 2


def test_tags_of_emoji_fit(store: Store) -> None:
    made = register_one(store, new_artifact(MODEL, "m", tags=TAGS))

    assert read(store, made.id) == made


def _filled(letter: str, name: str = "m", **given: object) -> ArtifactPatch:
    """A patch that gives a model exactly the most bytes."""
    patch: ArtifactPatch = ArtifactPatch(license=letter, **given)  # type: ignore[typeddict-item] # the caller's
    left = MOST - encoded_size(make_artifact(_model(patch, name), Stamp(START)))
    assert left >= 0
    patch["license"] = letter * (1 + left)
    return patch


def _model(patch: ArtifactPatch, name: str = "m") -> NewArtifact:
    url = url_for(MODEL, name)
    changes = ArtifactPatch(**{"name": name, "url": url, **patch})
    return NewArtifact(type=MODEL, url=url, name=name, changes=changes)


CONTROLS = tuple("\x01" * 256 for _ in range(90))
LARGEST = {
    "urls": (_filled("a", datasets=_urls("u", 42)), _filled("b", datasets=_urls("v", 42))),
    "quotes": (_filled("a", datasets=_urls('"', 30)), _filled("b", datasets=_urls("\\", 30))),
    "controls": (_filled("a", tags=CONTROLS), _filled("b", tags=CONTROLS[1:])),
    "emoji": (_filled("a", tags=TAGS), _filled("b", properties=WIDE[:25])),
    "references": (_filled("a", datasets=LONG_NAMES), _filled("b", datasets=LONG_NAMES[85:])),
}
"""Fields of the greatest size, and others of the greatest size."""


@pytest.mark.parametrize(("fields", "others"), LARGEST.values(), ids=LARGEST)
def test_the_largest_artifacts_can_be_registered_updated_deleted_and_restored(
    store: Store, fields: ArtifactPatch, others: ArtifactPatch
) -> None:
    made = register_one(store, _model(fields))
    assert encoded_size(made) == MOST
    assert links(store, made) == [None] * len(made.references)

    cleared = dict.fromkeys(("tags", "properties", "datasets"), ())
    changed = update(store, made, **{**cleared, **others})
    assert encoded_size(changed) == MOST
    assert read(store, made.id) == changed
    delete(store, changed)
    restored = restore(store, made.id)

    assert read(store, made.id) == restored
    assert [version for version, _ in read_steps(store, restored)] == [4, 3, 2, 1]
    assert [change.version for change in read_feed(store)] == [1, 2, 3, 4]


def test_the_largest_artifacts_can_be_written_in_one_batch(store: Store) -> None:
    names = [f"m{n:02}" for n in range(30)]
    drafts = [_model(_filled("a", name, tags=TAGS), name) for name in names]
    # The search index exists from now on: building it takes longer than a listing waits.
    assert read_all(store, listing()) == []

    made = register(store, *drafts)

    assert read_all(store, listing(), first=30) == made
    assert sum(store.reset()) == 30
