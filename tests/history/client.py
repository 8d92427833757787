"""A client that does random things to few artifacts: always in somebody else's way."""

import json
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

from storage.artifacts import inputs
from storage.artifacts.rating import Rating, encode_rating
from storage.artifacts.records import (
    Artifact,
    ArtifactPatch,
    ArtifactType,
    NewArtifact,
    OnConflict,
    Registered,
    WriteError,
    WriteErrorCode,
)
from storage.errors import StoreUnavailableError
from storage.transfer.ndjson import artifact_fields

NAMES = ("bert", "BERT", "Wikipedia", "glue", "straße")
URLS = tuple(f"https://example.org/{n}" for n in range(12))
_REMEMBERED = 12
"""A client works on what it registered or met lately: enough for others to meet it there."""


UNTOLD = datetime.min.replace(tzinfo=UTC)
"""When an artifact got its name, where that is not told."""


class Writes(Protocol):
    """What a client asks of a store, or of a server before it."""

    def register(
        self, drafts: Sequence[NewArtifact], on_conflict: OnConflict
    ) -> Sequence[Registered | WriteError | StoreUnavailableError]:
        """Register drafts, each on its own."""

    def update(
        self,
        id: str,  # noqa: A002 - the store's word
        type: ArtifactType | None,  # noqa: A002 - the store's word
        changes: ArtifactPatch,
    ) -> Artifact | WriteError:
        """Change the fields that are given."""

    def delete(self, id: str, type: None) -> Artifact | WriteError:  # noqa: A002 - likewise
        """Delete an artifact."""


@dataclass(slots=True)
class Client:
    """Writes every operation and what it was told as a line of JSON."""

    store: Writes
    seed: int
    log: TextIO
    shared: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def run(self, operations: int) -> None:
        """Do so many random operations."""
        draw = random.Random(self.seed)  # noqa: S311 - no secret
        for _ in range(operations):
            doing = draw.choices((_register, _update, _rate, _delete), (4, 5, 3, 2))[0]
            if doing is not _register and not self.shared:
                continue
            told = doing(self, draw)
            self.log.write(json.dumps(told) + "\n")
        self.log.flush()

    def write(
        self, what: str, id_: str | None, fields: dict[str, Any], do: Callable[[], Any]
    ) -> dict[str, Any]:
        """Do it and say what came of it."""
        told: dict[str, Any] = {"do": what, "id": id_, "fields": fields}
        try:
            outcome = do()
        except StoreUnavailableError:
            return {**told, "answer": "unknown"}
        if isinstance(outcome, WriteError):
            told |= {"answer": "refused", "code": outcome.code.value}
            if outcome.artifact is not None and outcome.code is WriteErrorCode.ALREADY_EXISTS:
                self.shared.append(outcome.artifact.id)
                told["met"] = seen(outcome.artifact)
            return told
        if isinstance(outcome, Registered):
            told["do"] = "register" if outcome.created else "update"
            outcome = outcome.artifact
            told["id"] = outcome.id
            self.shared.append(outcome.id)
        return {**told, "answer": seen(outcome)}


def seen(artifact: Artifact) -> dict[str, Any]:
    """All that can be seen of an artifact, in JSON's types."""
    fields = artifact_fields(artifact)
    if artifact.named_at == UNTOLD:
        del fields["namedAt"]
    times = {n: v.isoformat() for n, v in fields.items() if isinstance(v, datetime)}
    return {**fields, **times, "tags": list(fields.get("tags", ()))}


def _register(client: Client, draw: random.Random) -> dict[str, Any]:
    of = draw.choice(tuple(ArtifactType))
    fields: dict[str, Any] = {"url": draw.choice(URLS), "name": draw.choice(NAMES)}
    if of is ArtifactType.MODEL:
        fields |= {k: _references(client, draw) for k in ("datasets", "codes", "baseModels")}
    on_conflict = draw.choice(tuple(OnConflict))
    draft = inputs.parse_new_artifact(of, fields)
    return client.write(
        "register", None, {"type": of.value, **fields},
        lambda: client.store.register([draft], on_conflict)[0],
    )  # fmt: skip


def _update(client: Client, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.shared)
    fields: dict[str, Any] = draw.choice(
        (
            {"name": draw.choice(NAMES)},
            {"url": draw.choice(URLS)},
            {"tags": [str(draw.random())]},
            {"license": str(draw.random())},
            {"datasets": _references(client, draw)},
        )
    )
    of = ArtifactType.MODEL if "datasets" in fields else None
    changes = inputs.parse_patch(of or ArtifactType.CODE, fields)
    return client.write("update", id_, fields, lambda: client.store.update(id_, of, changes))


def _rate(client: Client, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.shared)
    rating = _rating(draw.random())
    changes = ArtifactPatch(rating=encode_rating(rating))
    fields = {"rating": rating.model_dump(by_alias=True)}
    return client.write(
        "update", id_, fields, lambda: client.store.update(id_, ArtifactType.MODEL, changes)
    )


def _delete(client: Client, draw: random.Random) -> dict[str, Any]:
    id_ = draw.choice(client.shared)
    return client.write("delete", id_, {}, lambda: client.store.delete(id_, None))


def _references(client: Client, draw: random.Random) -> list[dict[str, str]]:
    ways = [{"name": draw.choice(NAMES)}, {"url": draw.choice(URLS)}]
    if client.shared:
        ways.append({"id": draw.choice(client.shared)})
    return draw.sample(ways, draw.randrange(3))


def _rating(score: float) -> Rating:
    sizes = dict.fromkeys(("raspberryPi", "jetsonNano", "desktopPc", "awsServer"), score)
    words = {"name": "bert", "category": "MODEL"}
    fields = {f.alias or name: score for name, f in Rating.model_fields.items()}
    return Rating.model_validate({**fields, **words, "sizeScore": sizes})
