"""Stores with ten models, a hundred and ten thousand."""

import shutil
from contextlib import ExitStack
from pathlib import Path

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from tests.storage.crowd import Crowd, another, cast, fill_file, fill_table
from tests.storage.engines import opened
from tests.storage.samples import MODEL, url_for
from tests.storage.store_calls import delete, register_one


def make_crowds(
    engine: str, folder: Path, large: tuple[Path, list[Artifact]], stack: ExitStack
) -> list[Crowd]:
    """Fill a store for each size; `large` is the largest as a file, and its artifacts."""
    crowds = []
    for models, few in ((10, cast(10, 10)), (100, cast(100, 100)), (10_000, None)):
        path = folder / f"{models}.db"
        artifacts = few or large[1]
        if engine != "sqlite":
            artifacts = artifacts[: 2 * models]
        elif few:
            fill_file(path, few)
        else:
            shutil.copy(large[0], path)
        store = stack.enter_context(opened(engine, path))
        if isinstance(store, DynamoStore):
            fill_table(store, artifacts)
        crowds.append(Crowd(store, artifacts[:models], artifacts[models:]))
    return crowds


def resize(crowd: Crowd, size: int) -> None:
    """Delete or register models until the crowd has so many."""
    while len(crowd.models) > size:
        delete(crowd.store, crowd.models.pop())
    while len(crowd.models) < size:
        url = url_for(MODEL, f"more {len(crowd.models)}")
        crowd.models.append(register_one(crowd.store, another(url)))
