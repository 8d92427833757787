"""Finds answers that old index entries made wrong; only reverse links may miss entries."""

from collections.abc import Iterator

from storage.reverse_links import ReverseLinkQuery
from storage.store import Store
from tests.storage.samples import CREATED, ids, listing
from tests.storage.store_calls import read_all


def find_stale_answers(store: Store) -> Iterator[str]:
    """Yield a message for each listed artifact that does not exist or does not belong there.

    A model that is not linked yet is no error: that index is eventually consistent. Listings
    do not depend on it.
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
    listed = {each.id: each for each in read_all(store, listing(order=CREATED), first=7)}
    for id_ in artifacts.keys() | listed.keys():
        if artifacts.get(id_) != listed.get(id_):
            yield f"{id_} is not listed as it is stored"
