"""Crowds: many models with the same name and the same dataset, and code."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from storage.artifacts.records import Artifact
from storage.artifacts.reference_stamps import reference_targets
from storage.artifacts.write_rules import Stamp, make_artifact
from storage.artifacts.writes import Identity, NewArtifact
from storage.dynamodb.items.codec import encode, name_since
from storage.dynamodb.schema.attributes import Item
from storage.dynamodb.schema.keys import name_item_key, url_key
from storage.dynamodb.store import DynamoStore
from storage.dynamodb.writes.plan import reference_item
from storage.sqlite import rows
from storage.sqlite.store import SqliteStore
from storage.store import Store
from tests.storage.samples import CODE, DATASET, MODEL, START, by_name, new_artifact, url_for

_BATCH_WRITE_ITEMS = 25


@dataclass(frozen=True, eq=False)
class Crowd:
    """The artifacts of a store; tests that change them keep this current."""

    store: Store
    models: list[Artifact]
    """All are named bert; in the order of `named_at`."""
    code: list[Artifact]


def cast(models: int, code: int) -> list[Artifact]:
    """Return so many models and then so much code; always the same."""
    drafts = (_model(n) if n < models else _code(n) for n in range(models + code))
    return [make_artifact(draft, Stamp(START)) for draft in drafts]


def fill_file(path: Path, artifacts: Iterable[Artifact]) -> None:
    """Write a crowd into a new file."""
    SqliteStore(path).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    for artifact in artifacts:
        rows.write_artifact(db, artifact)
    db.execute("COMMIT")
    db.close()


def fill_table(store: DynamoStore, artifacts: Iterable[Artifact]) -> None:
    """Write a crowd into an empty table; registering it would take minutes."""
    items = _items(artifacts)
    batches = iter(lambda: list(islice(items, _BATCH_WRITE_ITEMS)), [])

    def put(batch: Sequence[dict[str, Any]]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in batch]
        answer = store.client.control.batch_write_item(RequestItems={store.name: requests})  # type: ignore[dict-item] # the stubs want more
        assert not answer["UnprocessedItems"]

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put, batches))


def answers() -> NewArtifact:
    """The dataset that all models refer to."""
    return new_artifact(DATASET, "answers")


def another(url: str) -> NewArtifact:
    """One more model of the crowd."""
    return new_artifact(MODEL, "bert", by_name(DATASET, "answers"), url=url, tags=("nlp",))


def _model(n: int) -> NewArtifact:
    tags = ("nlp", "rare") if n % 1_000 == 0 else ("nlp",)
    references = [by_name(DATASET, "answers")]
    url = url_for(MODEL, f"bert {n}")
    return new_artifact(MODEL, "bert", *references, url=url, tags=tags, identity=_identity(n))


def _code(n: int) -> NewArtifact:
    return new_artifact(CODE, f"code {n}", identity=_identity(n))


def _identity(n: int) -> Identity:
    at = START + timedelta(seconds=n)
    id_ = f"018c0000-0000-7000-8000-{n:012}"
    return Identity(id=id_, version=1, created_at=at, updated_at=at, named_at=at)


def _items(artifacts: Iterable[Artifact]) -> Iterator[Item]:
    places_by_key = defaultdict[str, list[str]](list)
    for artifact in artifacts:
        yield encode(artifact)
        yield {"artifact_id": {"S": url_key(artifact)}, "owner": {"S": artifact.id}}
        for target in reference_targets(artifact):
            yield reference_item(artifact.id, target)
        places_by_key[name_item_key(artifact) or ""].append(name_since(artifact))
    for key, places in places_by_key.items():
        last_since = max(places).partition("#")[0]
        yield {
            "artifact_id": {"S": key},
            "owner": {"S": min(places)},
            "last_since": {"S": last_since},
        }
