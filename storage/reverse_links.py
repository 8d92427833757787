"""Queries for the models that link to an artifact."""

from dataclasses import dataclass

from storage.artifacts.records import PartialArtifact


@dataclass(frozen=True, slots=True)
class ReverseLinkQuery:
    """A query for a page of the models with a reference to `artifact`, in the order of ids."""

    artifact: PartialArtifact
    first: int
    after: str | None = None
