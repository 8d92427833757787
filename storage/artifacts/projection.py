"""Projections: the details of artifacts that a read includes."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Generic

from typing_extensions import TypeVar

from storage.artifacts.records import NOT_READ, Artifact, PartialArtifact

AnyArtifact = TypeVar("AnyArtifact", bound=PartialArtifact, default=Artifact)
"""The class of the artifacts that a projection reads: it has the details that were read."""
AnyArtifact_co = TypeVar("AnyArtifact_co", bound=PartialArtifact, covariant=True)

DETAILS = frozenset(f.name for f in fields(PartialArtifact) if f.default is NOT_READ)
"""The fields that are read only on request: most of an artifact's bytes are theirs."""


@dataclass(frozen=True, slots=True)
class Projection(Generic[AnyArtifact_co]):
    """The details of artifacts to read, and the class of the artifacts that have them."""

    artifact_class: type[AnyArtifact_co]
    details: frozenset[str]

    @classmethod
    def from_details(cls, details: Iterable[str]) -> "Projection[PartialArtifact]":
        """Return the projection that reads these details and the core fields alone."""
        return Projection(PartialArtifact, frozenset(details))

    def with_details(self, details: frozenset[str]) -> "Projection[AnyArtifact_co]":
        """Return the projection that reads some more details."""
        return replace(self, details=self.details | details)


FULL_PROJECTION = Projection(Artifact, DETAILS)
"""Reads all details."""
FULL_BY_DEFAULT: Projection[Any] = FULL_PROJECTION
"""The same, as the default of a parameter of type `Projection[AnyArtifact]`: type checkers
accept no narrower one, and take the default of `AnyArtifact` for a call without it."""
CORE_PROJECTION = Projection.from_details(())
"""Reads no details."""
