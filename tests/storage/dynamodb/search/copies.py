"""Copies of tables for tests: their folder, and what is in their files."""

from datetime import UTC, datetime
from pathlib import Path

from storage.artifacts.records import Artifact
from storage.dynamodb.feed.cursors import Position
from storage.dynamodb.feed.identity import read_table_identity
from storage.dynamodb.feed.log_state import read_log_state
from storage.dynamodb.items.codec import decode
from storage.dynamodb.search.building import build
from storage.dynamodb.search.copy_file import CopyFile, CopyPosition, create_copy
from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.store import DynamoStore
from tests.storage.samples import MODEL

START = CopyPosition(1, 1, (Position(1, 0), Position(7, 3)))
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def new_file(path: Path) -> CopyFile:
    """An open copy without artifacts."""
    with create_copy(path, "abc", START):
        pass
    return CopyFile(path)


def model(
    id_: str, version: int = 1, name: str = "bert", description: str | None = None
) -> Artifact:
    return Artifact(
        id=id_,
        type=MODEL,
        name=name,
        url=f"https://example.org/{id_}",
        download_url=None,
        version=version,
        named_at=NOON,
        license=None,
        description=description,
        tags=(),
        properties=(),
        created_at=NOON,
        updated_at=NOON,
        created_by=None,
        updated_by=None,
        content_version=version,
        references=(),
        rating=None,
    )


def contents(file: CopyFile) -> dict[str, tuple[str, int]]:
    """The names and versions of the artifacts of a copy, by their ids."""
    with file.reading() as db:
        ids = [id_ for (id_,) in db.execute("SELECT id FROM search_artifact")]
        artifacts = [decode(item) for item in file.read_items(db, ids).values()]
    assert len(artifacts) == len(ids)
    return {artifact.id: (artifact.name, artifact.version) for artifact in artifacts}


def folder_of(store: DynamoStore, root: Path) -> CopyFolder:
    """The folder of the copies of a table in its epoch."""
    identity = read_table_identity(store.client)
    return CopyFolder(root, identity, read_log_state(store.client).epoch)


def build_anew(store: DynamoStore, folder: CopyFolder) -> int:
    """Build a copy that replaces the current one."""
    return build(store.client, folder, ignore_progress, replaces=folder.current())


def current_contents(folder: CopyFolder) -> dict[str, tuple[str, int]]:
    """The contents of the current copy, which must be there."""
    path = folder.current()
    assert path is not None
    file = CopyFile(path)
    try:
        return contents(file)
    finally:
        file.close()


def files(root: Path) -> list[str]:
    """The files of builds, with the kind in place of their name."""
    return sorted(path.suffix for path in root.glob("*/*") if ".db" in path.name)


def ignore_progress(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""
