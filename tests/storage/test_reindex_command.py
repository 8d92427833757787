"""`python -m storage reindex` builds the search index anew."""

from contextlib import closing
from pathlib import Path

from storage.dynamodb.store import DynamoStore
from storage.sqlite.store import SqliteStore
from tests.storage.command_line import Run
from tests.storage.engines import REGION
from tests.storage.samples import DATASET, bert, listing, new_artifact, squad
from tests.storage.store_calls import read_all, register


def test_reindex_says_how_many_artifacts_it_indexed(run: Run, tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        made = register(store, bert(), squad())

    result = run("reindex")

    assert (result.exit_code, result.stdout) == (0, "indexed 2 artifacts\n")
    with closing(SqliteStore(tmp_path / "registry.db")) as store:
        assert read_all(store, listing()) == made
        assert list(store.check()) == []


def test_reindex_builds_the_copy_of_a_table(
    run: Run, moto: DynamoStore, tmp_path: Path
) -> None:
    made = register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(3)))
    settings = {
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": moto.name,
        "SEARCH_INDEX_PATH": str(tmp_path / "copies"),
    }

    result = run("reindex", **settings)

    assert (result.exit_code, result.stdout) == (0, "indexed 3 artifacts\n")
    folder = tmp_path / "copies"
    assert len(list(folder.rglob("*.db"))) == 1
    with closing(DynamoStore(moto.name, REGION, search_folder=folder)) as store:
        assert read_all(store, listing()) == made


def test_reindex_needs_a_store(run: Run) -> None:
    result = run("reindex")

    assert result.exit_code == 2
    assert "SQLITE_PATH: there is no file" in result.stderr


def test_reindex_refuses_a_path_that_is_no_directory(
    run: Run, moto: DynamoStore, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")
    settings = {
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": moto.name,
        "SEARCH_INDEX_PATH": str(tmp_path / "file"),
    }

    result = run("reindex", **settings)

    assert result.exit_code == 2
    assert "SEARCH_INDEX_PATH" in result.stderr


def test_commands_that_write_need_no_search_index(
    run: Run, moto: DynamoStore, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")
    (tmp_path / "lines").write_text('{"type": "code", "url": "https://example.org/a/b"}')
    settings = {
        "STORE": "dynamodb",
        "DDB_TABLE_NAME": moto.name,
        "SEARCH_INDEX_PATH": str(tmp_path / "file"),
    }

    for command in (
        ["create"],
        ["import", str(tmp_path / "lines")],
        ["export", str(tmp_path / "exported")],
        ["retention", "90"],
        ["migrate"],
        ["check"],
    ):
        result = run(*command, **settings)
        assert result.exit_code == 0, result.stderr


def test_reindex_tells_its_progress(run: Run, moto: DynamoStore, tmp_path: Path) -> None:
    register(moto, *(new_artifact(DATASET, f"d{n}") for n in range(3)))
    settings = {"STORE": "dynamodb", "DDB_TABLE_NAME": moto.name}

    result = run("reindex", SEARCH_INDEX_PATH=str(tmp_path / "copies"), **settings)

    assert result.stderr.splitlines() == ["reading ids: 3", "indexing: 3 of 3"]
