"""Whether a store whose indexes lag lists what the artifacts themselves deny."""

from collections.abc import Iterator

from storage.artifacts.records import ArtifactType
from storage.store import ReverseLinkQuery, Store
from tests.storage.samples import CREATED, ids, listing, walk


def stale_answers(store: Store) -> Iterator[str]:
    """What is listed though it is not so; that something is missing as yet is no lie."""
    artifacts = {artifact.id: artifact for artifact in store.scan()}
    asked = [ReverseLinkQuery(artifact, 1_000) for artifact in artifacts.values()]
    for request, page in zip(asked, store.read_reverse_links(asked), strict=True):
        models = [entry.artifact for entry in page.entries]
        about = f"{request.artifact.id} has models"
        if ids(models) != sorted(set(ids(models))):
            yield f"{about} twice, or out of order"
        for model in models:
            found = store.resolve([reference.target for reference in model.references])
            if artifacts.get(model.id) != model or request.artifact not in found.values():
                yield f"{about} that do not refer to it: {model.id}"
    for artifact in walk(store, listing(*ArtifactType, order=CREATED), first=7):
        if artifacts.get(artifact.id) != artifact:
            yield f"{artifact.id} is not there, or not so"
