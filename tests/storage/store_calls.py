"""Short forms of store operations for tests."""

from collections.abc import Iterator
from contextlib import suppress

from storage.artifacts.changes import ANONYMOUS, Attribution
from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    Target,
)
from storage.artifacts.writes import (
    ArtifactPatch,
    Deleted,
    NewArtifact,
    OnConflict,
    WriteError,
    WriteErrorCode,
    WriteOutcome,
    Written,
)
from storage.errors import SearchNotReadyError
from storage.reverse_links import ReverseLinkQuery
from storage.search.listing import Listing
from storage.search.pages import Page, Window
from storage.store import Store
from tests.storage.samples import CODE, DATASET, MODEL, by_name, by_url, new_artifact, url_for

_TRIES = 30
"""Each of them waits two seconds for the search index."""


def register(
    store: Store,
    *drafts: NewArtifact,
    on_conflict: OnConflict = OnConflict.REJECT,
    attribution: Attribution = ANONYMOUS,
) -> list[Artifact]:
    """Register artifacts, all of which must be accepted as new."""
    results = store.register(drafts, on_conflict, attribution)
    return [expect_written(result, WriteOutcome.CREATED) for result in results]


def register_hundred_linked(store: Store) -> list[Artifact]:
    """Register a hundred models, each with a dataset and code."""
    register(store, *(new_artifact(DATASET, f"d{n}") for n in range(100)))
    register(store, *(new_artifact(CODE, f"c{n}") for n in range(100)))
    return register(
        store,
        *(
            new_artifact(
                MODEL, f"m{n}", by_name(DATASET, f"d{n}"), by_url(CODE, url_for(CODE, f"c{n}"))
            )
            for n in range(100)
        ),
    )


def register_one(
    store: Store, wanted: NewArtifact, attribution: Attribution = ANONYMOUS
) -> Artifact:
    (artifact,) = register(store, wanted, attribution=attribution)
    return artifact


def update(
    store: Store, artifact: Artifact, attribution: Attribution = ANONYMOUS, /, **given: object
) -> Artifact:
    """Update an artifact, which must be accepted and change it."""
    changes = ArtifactPatch(**given)  # type: ignore[typeddict-item] # as the caller spells them
    result = store.update(artifact.id, artifact.type, changes, attribution=attribution)
    return expect_written(result, WriteOutcome.UPDATED)


def delete(store: Store, artifact: Artifact, attribution: Attribution = ANONYMOUS) -> Deleted:
    result = store.delete(artifact.id, artifact.type, attribution=attribution)
    assert isinstance(result, Deleted), result
    return result


def restore(store: Store, id_: str, attribution: Attribution = ANONYMOUS) -> Artifact:
    return expect_written(store.restore(id_, attribution), WriteOutcome.CREATED)


def expect_written(result: object, outcome: WriteOutcome) -> Artifact:
    assert isinstance(result, Written), result
    assert result.outcome is outcome
    return result.artifact


def expect_error(outcome: object, code: WriteErrorCode) -> WriteError:
    assert isinstance(outcome, WriteError), outcome
    assert outcome.code is code
    return outcome


def read(store: Store, id_: str) -> Artifact:
    """The artifact with an id, which must exist."""
    artifact = store.get([id_])[id_]
    assert isinstance(artifact, Artifact), artifact
    return artifact


def find_target(store: Store, target: Target) -> Artifact | None:
    artifact = store.resolve([target]).get(target)
    assert artifact is None or isinstance(artifact, Artifact), artifact
    return artifact


def find_by_name(store: Store, artifact_type: ArtifactType, name: str) -> Artifact | None:
    """The owner of a name, which is normalised as in references."""
    return find_target(store, by_name(artifact_type, name).target)


def find_by_url(store: Store, artifact_type: ArtifactType, url: str) -> Artifact | None:
    return find_target(store, Target(artifact_type, LookupField.URL, url))


def links(store: Store, model: Artifact) -> list[str | None]:
    """The ids that the model's references resolve to, with and without earlier results."""
    targets = [reference.target for reference in read(store, model.id).references]
    plain = [Target(target.type, target.lookup_field, target.value) for target in targets]
    found, again = store.resolve(targets), store.resolve(plain)
    assert found == again
    artifacts = [found.get(target) for target in targets]
    return [a.id if isinstance(a, Artifact) else None for a in artifacts]


def read_reverse_links(store: Store, artifact: Artifact, first: int = 100) -> list[str]:
    """The ids of all models that link to the artifact, which are counted, too."""
    ids: list[str] = []
    for page in read_model_pages(store, artifact, first):
        ids += [entry.artifact.id for entry in page.entries]
    assert store.count_reverse_links([artifact]) == [len(ids)]
    return ids


def read_model_pages(store: Store, artifact: Artifact, first: int) -> Iterator[Page[Artifact]]:
    after = None
    while True:
        (page,) = store.read_reverse_links([ReverseLinkQuery(artifact, first, after)])
        yield page
        if not page.has_next:
            return
        after = page.end


def read_all(store: Store, wanted: Listing, first: int = 100) -> list[Artifact]:
    """All artifacts of the listing, read page by page from its beginning."""
    return [artifact for page in read_pages(store, wanted, first) for artifact in page]


def read_all_from_end(store: Store, wanted: Listing, last: int = 100) -> list[Artifact]:
    """All artifacts of the listing, in its order, read page by page from its end."""
    pages = list(read_pages(store, wanted, last, from_end=True))
    return [artifact for page in reversed(pages) for artifact in page]


def read_page(store: Store, wanted: Listing, window: Window) -> Page[Artifact]:
    """A page of the listing, also if a busy machine takes long to build the search index."""
    for _ in range(_TRIES):
        with suppress(SearchNotReadyError):
            return store.page(wanted, window)
    return store.page(wanted, window)


def read_pages(
    store: Store, wanted: Listing, size: int, *, from_end: bool = False
) -> Iterator[list[Artifact]]:
    """The artifacts of each page; checks the sizes and positions of the pages."""
    window = Window(size, from_end=from_end)
    while True:
        page = read_page(store, wanted, window)
        yield [entry.artifact for entry in page.entries]
        edge, more = (page.start, page.has_previous) if from_end else (page.end, page.has_next)
        assert len(page.entries) == size or (len(page.entries) < size and not more)
        if not more:
            return
        assert edge is not None
        assert edge not in (window.after, window.before)
        window = (
            Window(size, before=edge, from_end=True) if from_end else Window(size, after=edge)
        )
