"""Notes the targets of references when they are written, and compares references."""

from collections.abc import Sequence
from dataclasses import replace

from storage.artifacts.records import (
    Artifact,
    Reference,
    ReferenceKind,
    ResolvedTarget,
    Target,
)


def keep_stamps(
    references: Sequence[Reference], before: Sequence[Reference]
) -> tuple[Reference, ...]:
    """Return references with what equal ones resolved to when they were written before."""
    known = {_stamp_key(reference): reference.resolved for reference in before}
    return tuple(
        replace(r, resolved=known[_stamp_key(r)]) if _stamp_key(r) in known else r
        for r in references
    )


def new_references(before: Artifact | None, after: Artifact) -> list[Reference]:
    """Return the references that a write adds, or whose revision it changes.

    The store notes what they resolve to now.
    """
    known = {_stamp_key(r) for r in before.references} if before else set()
    return [r for r in after.references if _stamp_key(r) not in known]


def stamp_references(
    artifact: Artifact, added: Sequence[Reference], found: dict[Target, ResolvedTarget]
) -> Artifact:
    """Return the artifact with added references noting what they resolve to now."""
    keys = {reference_key(r) for r in added}
    references = tuple(
        replace(r, resolved=found.get(r.target)) if reference_key(r) in keys else r
        for r in artifact.references
    )
    return replace(artifact, references=references)


def reference_key(reference: Reference) -> tuple[Target, ReferenceKind, object]:
    """Return what tells the references of one model apart: kind, target and role."""
    return reference.target, reference.kind, reference.role


def _stamp_key(reference: Reference) -> tuple[object, ...]:
    return *reference_key(reference), reference.revision


def reference_targets(artifact: Artifact) -> frozenset[Target]:
    """Return the targets of an artifact's references: its entries in the reverse index."""
    return frozenset(reference.target for reference in artifact.references)
