"""Reads a model with everything that it was built from, for a bill of materials."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage.artifacts.records import (
    Artifact,
    ArtifactType,
    LookupField,
    PartialArtifact,
    Reference,
    Target,
)
from storage.errors import StoreSetupError, UndecodableError
from storage.store import Store

MAX_DEPTH = 100
MAX_ARTIFACTS = 1_000
"""The limits of a walk: its steps from the model, and the artifacts upstream."""


@dataclass(frozen=True, slots=True)
class Link:
    """A reference of a model, and what it resolves to now."""

    model: PartialArtifact
    reference: Reference
    artifact: PartialArtifact | None


@dataclass(frozen=True, slots=True)
class Upstream:
    """A model, what was found upstream of it, and the references of all models among these."""

    model: PartialArtifact
    artifacts: Sequence[PartialArtifact]
    links: Sequence[Link]
    is_complete: bool
    """False if artifacts were left out, because of the limits or as they cannot be read."""


def read_upstream(store: Store, url: str) -> Upstream:
    """Read the model with this url and what is upstream of it.

    Raises:
        StoreSetupError: There is no model with this url, or it cannot be read.
    """
    target = Target(ArtifactType.MODEL, LookupField.URL, url)
    model = store.resolve([target]).get(target)
    if model is None:
        raise StoreSetupError(f"there is no model with the URL {url}")
    if isinstance(model, UndecodableError):
        raise StoreSetupError(f"the model cannot be read: {model}")
    walk = _Walk(model)
    level: Sequence[Artifact] = [model]
    for distance in range(MAX_DEPTH + 1):
        level = walk.read_level(store, level, is_last=distance == MAX_DEPTH)
        if not level:
            break
    return Upstream(model, walk.artifacts, walk.links, walk.is_complete)


class _Walk:
    """The artifacts and links that were found so far."""

    def __init__(self, model: Artifact) -> None:
        self._seen = {model.id}
        self.artifacts: list[Artifact] = []
        self.links: list[Link] = []
        self.is_complete = True

    def read_level(
        self, store: Store, level: Sequence[Artifact], *, is_last: bool
    ) -> list[Artifact]:
        """Resolve the references of a level, and return the artifacts that are new.

        After the last level, nothing new is taken.
        """
        references = [(model, reference) for model in level for reference in model.references]
        found = store.resolve([reference.target for _, reference in references])
        new: list[Artifact] = []
        for model, reference in references:
            artifact = found.get(reference.target)
            if isinstance(artifact, UndecodableError):
                self.is_complete = False
                continue
            self.links.append(Link(model, reference, artifact))
            if artifact and artifact.id not in self._seen:
                self._take(artifact, new, has_room=not is_last)
        return new

    def _take(self, artifact: Artifact, new: list[Artifact], *, has_room: bool) -> None:
        if not has_room or len(self.artifacts) == MAX_ARTIFACTS:
            self.is_complete = False
            return
        self._seen.add(artifact.id)
        self.artifacts.append(artifact)
        new.append(artifact)
