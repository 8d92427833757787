"""Finds answers that old index entries made wrong, while missing entries are allowed."""

from collections.abc import Iterator

from storage.artifacts.records import ArtifactType
from storage.store import ReverseLinkQuery, Store
from tests.storage.samples import CREATED, ids, listing
from tests.storage.store_calls import read_all


def find_stale_answers(store: Store) -> Iterator[str]:
    """Yield a message for each listed artifact that does not exist or does not belong there.

    An artifact that is not listed yet is no error: indexes are eventually consistent.
    """
    artifacts = {artifact.id: artifact for artifact in store.scan()}
    queries = [ReverseLinkQuery(artifact, 1_000) for artifact in artifacts.values()]
    for query, page in zip(queries, store.read_reverse_links(queries), strict=True):
        models = [entry.artifact for entry in page.entries]
        if ids(models) != sorted(set(ids(models))):
            yield f"{query.artifact.id} lists a model twice, or out of order"
        for model in models:
            linked = store.resolve([reference.target for reference in model.references])
            if artifacts.get(model.id) != model or query.artifact not in linked.values():
                yield f"{query.artifact.id} lists a model that does not refer to it: {model.id}"
    for artifact in read_all(store, listing(*ArtifactType, order=CREATED), first=7):
        if artifacts.get(artifact.id) != artifact:
            yield f"{artifact.id} is listed, but does not exist or has other fields"
