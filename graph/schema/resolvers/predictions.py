"""Predict what registrations would do, without writing anything."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.context import Context
from graph.schema.resolvers.writes import WriteResult, parse_inputs
from storage.artifacts.projection import FULL_PROJECTION
from storage.artifacts.records import Artifact, ArtifactType, LookupField, Target
from storage.artifacts.url_prefixes import check_new_url
from storage.artifacts.write_rules import Stamp, predict_registration
from storage.artifacts.writes import NewArtifact, OnConflict, WriteError, WriteErrorCode
from storage.clock import system_clock
from storage.errors import UndecodableError

_DUPLICATE = WriteError(
    code=WriteErrorCode.ALREADY_EXISTS,
    message="An earlier input of the same type has this url.",
    field=("input", "url"),
)
_UNREADABLE = WriteError(
    code=WriteErrorCode.ALREADY_EXISTS,
    message="An artifact that cannot be read already has this url.",
    field=("input", "url"),
)


async def predict_many(
    context: Context,
    inputs: Sequence[tuple[ArtifactType, Mapping[str, Any]]],
    on_conflict: OnConflict,
) -> list[WriteResult]:
    """Return what `register_many` would; artifacts that it would create are left out.

    The artifacts that have the urls now are read in one batch.
    """
    parsed = await context.compute(parse_inputs, inputs)
    targets = {_target(p): None for p in parsed if isinstance(p, NewArtifact)}
    owners = await context.read(context.store.resolve, list(targets), FULL_PROJECTION)
    batch = _Batch(owners, on_conflict, Stamp(system_clock(), context.attribution))
    return [p if isinstance(p, WriteResult) else batch.predict(p) for p in parsed]


class _Batch:
    """Registrations, each of which sees what those before it would do."""

    def __init__(
        self,
        owners: Mapping[Target, Artifact | UndecodableError],
        on_conflict: OnConflict,
        stamp: Stamp,
    ) -> None:
        self._stored = owners
        self._predicted: dict[Target, Artifact] = {}
        self._on_conflict = on_conflict
        self._stamp = stamp

    def predict(self, new: NewArtifact) -> WriteResult:
        target = _target(new)
        if error := check_new_url(self._stamp.attribution, new.url):
            return WriteResult(errors=(error,))
        stored = self._stored.get(target)
        if isinstance(stored, UndecodableError):
            return WriteResult(errors=(_UNREADABLE,))
        owner = self._predicted.get(target, stored)
        if owner and not stored and self._on_conflict is OnConflict.REJECT:
            return WriteResult(errors=(_DUPLICATE,))
        prediction = predict_registration(new, owner, self._on_conflict, self._stamp)
        if isinstance(prediction, WriteError):
            return WriteResult(errors=(prediction,))
        artifact, outcome = prediction
        self._predicted[target] = artifact
        return WriteResult(stored, outcome)


def _target(new: NewArtifact) -> Target:
    return Target(new.type, LookupField.URL, new.url)
