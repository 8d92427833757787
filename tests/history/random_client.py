"""A client that runs random operations on few artifacts, so that clients conflict often."""

import json
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

from storage.artifacts import inputs
from storage.artifacts.changes import input_fields
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import Artifact, ArtifactType
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
from storage.errors import StoreUnavailableError

NAMES = ("bert", "BERT", "Wikipedia", "glue", "straße")
URLS = tuple(f"https://example.org/{n}" for n in range(12))
_RECENT_IDS = 12
"""Only the latest artifacts are used, so that several clients use the same ones."""

UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)
"""The `named_at` of artifacts that come from the API, which does not return it."""


class Writes(Protocol):
    """The write methods of a store, which `HttpRegistry` has, too."""

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Written | WriteError | StoreUnavailableError]:
        """Register artifacts independently of each other."""

    def update(
        self,
        id: str,  # noqa: A002 - the store's parameter name
        type: ArtifactType | None,  # noqa: A002 - the store's parameter name
        changes: ArtifactPatch,
    ) -> Written | WriteError:
        """Change the given fields of an artifact."""

    def delete(self, id: str, type: None) -> Deleted | WriteError:  # noqa: A002 - as above
        """Delete an artifact."""

    def restore(self, id: str) -> Written | WriteError:  # noqa: A002 - as above
        """Restore a deleted artifact."""


@dataclass(slots=True)
class RandomClient:
    """Writes every operation with its answer as a line of JSON to `log`."""

    store: Writes
    seed: int
    log: TextIO
    recent_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_RECENT_IDS))

    def run(self, operations: int) -> None:
        """Run random operations; skip those that need an artifact while there is none."""
        draw = random.Random(self.seed)  # noqa: S311 - no secret
        for _ in range(operations):
            operation = draw.choices(_OPERATIONS, _WEIGHTS)[0]
            if operation is not _register and not self.recent_ids:
                continue
            self.log.write(json.dumps(operation(self, draw)) + "\n")
        self.log.flush()

    def record(
        self,
        operation: str,
        id_: str | None,
        fields: dict[str, Any],
        execute: Callable[[], Any],
    ) -> dict[str, Any]:
        """Execute an operation and return its history entry.

        The answer is the artifact's fields, "refused", or "unknown" if the store failed.
        """
        entry: dict[str, Any] = {"operation": operation, "id": id_, "fields": fields}
        try:
            outcome = execute()
        except StoreUnavailableError:
            return {**entry, "answer": "unknown"}
        if isinstance(outcome, WriteError):
            entry |= {"answer": "refused", "code": outcome.code.value}
            if outcome.artifact is not None and outcome.code is WriteErrorCode.ALREADY_EXISTS:
                self.recent_ids.append(outcome.artifact.id)
                entry["conflicting"] = to_json_fields(outcome.artifact)
            return entry
        if isinstance(outcome, Deleted):
            assert outcome.artifact is not None
            return {**entry, "answer": to_json_fields(outcome.artifact)}
        artifact = outcome.artifact
        if operation == "register" and outcome.outcome is not WriteOutcome.CREATED:
            entry["operation"] = "update"
        if outcome.outcome is WriteOutcome.UNCHANGED:
            entry["operation"] = "read"
        self.recent_ids.append(artifact.id)
        return {**entry, "id": artifact.id, "answer": to_json_fields(artifact)}


def to_json_fields(artifact: Artifact) -> dict[str, Any]:
    """Return all public fields of an artifact, in JSON's types."""
    fields = {
        "id": artifact.id,
        "type": artifact.type.value,
        "version": artifact.version,
        "createdAt": artifact.created_at.isoformat(),
        "updatedAt": artifact.updated_at.isoformat(),
        **input_fields(artifact),
    }
    if artifact.named_at != UNKNOWN_TIME:
        fields["namedAt"] = artifact.named_at.isoformat()
    return fields


def _register(client: RandomClient, draw: random.Random) -> dict[str, Any]:
    artifact_type = draw.choice(tuple(ArtifactType))
    fields: dict[str, Any] = {"url": draw.choice(URLS), "name": draw.choice(NAMES)}
    if artifact_type is ArtifactType.MODEL:
        kinds = ("datasets", "codes", "baseModels")
        fields |= {kind: _random_references(client, draw) for kind in kinds}
    on_conflict = draw.choice(tuple(OnConflict))
    draft = inputs.parse_new_artifact(artifact_type, fields)
    return client.record(
        "register",
        None,
        {"type": artifact_type.value, **fields},
        lambda: client.store.register([draft], on_conflict)[0],
    )


def _update(client: RandomClient, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.recent_ids)
    fields: dict[str, Any] = draw.choice(
        (
            {"name": draw.choice(NAMES)},
            {"url": draw.choice(URLS)},
            {"tags": [str(draw.random())]},
            {"license": str(draw.random())},
            {"datasets": _random_references(client, draw)},
        )
    )
    artifact_type = ArtifactType.MODEL if "datasets" in fields else None
    changes = inputs.parse_patch(artifact_type or ArtifactType.CODE, fields)
    return client.record(
        "update", id_, fields, lambda: client.store.update(id_, artifact_type, changes)
    )


def _rate(client: RandomClient, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.recent_ids)
    rating = _make_rating(draw.random())
    changes = ArtifactPatch(rating=encode_rating(rating))
    fields = {"rating": rating.model_dump(by_alias=True)}
    return client.record(
        "update", id_, fields, lambda: client.store.update(id_, ArtifactType.MODEL, changes)
    )


def _delete(client: RandomClient, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.recent_ids)
    return client.record("delete", id_, {}, lambda: client.store.delete(id_, None))


def _restore(client: RandomClient, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.recent_ids)
    return client.record("restore", id_, {}, lambda: client.store.restore(id_))


_OPERATIONS = (_register, _update, _rate, _delete, _restore)
_WEIGHTS = (4, 5, 3, 2, 2)


def _random_references(client: RandomClient, draw: random.Random) -> list[dict[str, str]]:
    references = [{"name": draw.choice(NAMES)}, {"url": draw.choice(URLS)}]
    if client.recent_ids:
        references.append({"id": draw.choice(client.recent_ids)})
    return draw.sample(references, draw.randrange(3))


def _make_rating(score: float) -> Rating:
    sizes = dict.fromkeys(("raspberryPi", "jetsonNano", "desktopPc", "awsServer"), score)
    texts = {"name": "bert", "category": "MODEL"}
    fields = {f.alias or name: score for name, f in Rating.model_fields.items()}
    return Rating.model_validate({**fields, **texts, "sizeScore": sizes})
