"""Says at the start what the server serves, who may change it, and how to stop it."""

from collections.abc import Iterator

from graph.auth.roles import Role
from graph.settings import Settings
from storage.artifacts.records import ArtifactType
from storage.deadline import deadline
from storage.errors import SearchNotReadyError, StoreUnavailableError
from storage.opening import describe_store
from storage.search.listing import Filter, Listing
from storage.store import Store

_NOUNS = {
    ArtifactType.MODEL: "model",
    ArtifactType.DATASET: "dataset",
    ArtifactType.CODE: "code artifact",
}
_COUNT_SECONDS = 1.0
"""The start does not wait longer for a search index."""


def describe_start(store: Store, settings: Settings, *, is_sample_refused: bool) -> str:
    """Return lines about the store, which was opened, its contents and the access to it."""
    return "\n".join(_describe(store, settings, is_sample_refused=is_sample_refused))


def _describe(store: Store, settings: Settings, *, is_sample_refused: bool) -> Iterator[str]:
    yield f"Serving {describe_store(settings)}: {_describe_contents(store)}."
    if is_sample_refused:
        yield "The sample data were not loaded: the store is not empty, or was not before."
    yield _describe_access(settings)
    yield (
        "Stop the server with Ctrl-C. The data remain; to serve them again, run "
        "`python -m graph` with the same settings."
    )


def _describe_contents(store: Store) -> str:
    try:
        with deadline(_COUNT_SECONDS):
            *first, last = [_count(store, type_) for type_ in _NOUNS]
    except SearchNotReadyError:
        return "the search index is being built, which counts the artifacts"
    except StoreUnavailableError as error:
        # It answered when it was opened. An index may be far behind, as after a long stop.
        return f"the artifacts could not be counted: {error}"
    return f"{', '.join(first)} and {last}"


def _count(store: Store, artifact_type: ArtifactType) -> str:
    count = store.count(Listing(Filter(types=(artifact_type,))))
    noun = _NOUNS[artifact_type]
    if count is None:
        return f"very many {noun}s"
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _describe_access(settings: Settings) -> str:
    anonymous = settings.anonymous
    if anonymous.covers(Role.WRITE):
        return (
            f"Everybody who can reach this address may change them: the role {anonymous.value} "
            "needs no token."
        )
    others = {
        Role.NONE: "nothing is allowed without a token",
        Role.READ: "everybody who can reach this address may read them",
    }[anonymous]
    has_writers = any(token.role.covers(Role.WRITE) for token in settings.auth_tokens)
    if not has_writers and not settings.issuers:
        return f"Nobody may change them: no token has the role write or admin; {others}."
    return f"Callers with a token of the role write or admin may change them; {others}."
