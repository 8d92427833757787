"""Stores for tests: SQLite, moto, and DynamoDB Local if the environment names an endpoint."""

import functools
import os
import ssl
from collections.abc import Collection, Iterator
from pathlib import Path

import botocore.hooks
import botocore.loaders
import botocore.session
import pytest
from hypothesis import settings

from storage.artifacts.records import Artifact
from storage.dynamodb.store import DynamoStore
from storage.store import Store
from tests.storage.engines import DYNAMO_ENGINES, ENGINES, opened, table

# Machines differ in speed; a test that fails on one must fail on all.
settings.register_profile("same everywhere", deadline=None, derandomize=True)
settings.load_profile("same everywhere")
pytest.register_assert_rewrite(
    "tests.storage.samples", "tests.storage.store_calls", "tests.storage.contract.walking"
)

from tests.storage.crowd import cast, fill_file  # noqa: E402 - these use the samples


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Run tests in this process if files or single tests are named."""
    paths = (Path(argument) for argument in config.args)
    return None if all(path.is_dir() for path in paths) else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run on DynamoDB Local, and run slow ones there instead of on moto.

    A slow test shows on DynamoDB Local what it shows on moto, which takes two to ten times as
    long for many artifacts. Without DynamoDB Local, moto runs it.
    """
    repeated = []
    names = {item.nodeid for item in items}
    for item in items:
        engines = _engines(item)
        if "dynamodb-local" in engines:
            item.add_marker(pytest.mark.dynamodb_local)
        elif item.get_closest_marker("slow") and "moto" in engines:
            twin = item.nodeid.replace("[moto", "[dynamodb-local")
            repeated += [item] if twin in names - {item.nodeid} else []
    if repeated:
        repeated[0].config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if item not in repeated]


def _engines(item: pytest.Item) -> Collection[object]:
    return item.callspec.params.values() if hasattr(item, "callspec") else ()


@pytest.fixture(scope="session", autouse=True)
def shared_by_clients() -> Iterator[None]:
    """Share botocore's service models and the trusted certificates between all clients.

    Reading them takes 100 ms and 60 ms per client; looking at each event handler's parameters
    takes a quarter of what is left.
    """
    with pytest.MonkeyPatch.context() as patch:
        loader = functools.cache(botocore.loaders.create_loader)
        patch.setattr(botocore.session, "create_loader", loader)
        context = functools.cache(ssl.create_default_context)
        patch.setattr(ssl, "create_default_context", context)
        accepts_kwargs = functools.lru_cache(1_000)(botocore.hooks.accepts_kwargs)
        patch.setattr(botocore.hooks, "accepts_kwargs", accepts_kwargs)
        yield


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use credentials that only an emulator accepts, and no others of the environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture(autouse=True)
def search_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the search indexes of stores that name none, also in processes."""
    monkeypatch.setattr("storage.settings.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("SEARCH_INDEX_PATH", str(tmp_path / "search"))
    return tmp_path / "search"


@pytest.fixture(scope="session")
def hundred_thousand(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Artifact]]:
    """A file with 10,000 models and 90,000 code, to be copied, and its artifacts."""
    path, artifacts = tmp_path_factory.mktemp("crowd") / "registry.db", cast(10_000, 90_000)
    fill_file(path, artifacts)
    return path, artifacts


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(engine: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each engine, which must be consistent after the test."""
    with opened(engine, tmp_path / "registry.db") as made:
        yield made
        assert list(made.check()) == []


@pytest.fixture(params=DYNAMO_ENGINES)
def dynamo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DynamoStore]:
    """An empty table of each DynamoDB engine."""
    with opened(request.param, tmp_path) as made:
        assert isinstance(made, DynamoStore)
        yield made


@pytest.fixture
def moto(tmp_path: Path) -> Iterator[DynamoStore]:
    """An empty table in moto."""
    with opened("moto", tmp_path) as made:
        assert isinstance(made, DynamoStore)
        yield made


@pytest.fixture
def other(engine: str, tmp_path: Path) -> Iterator[Store]:
    """A second empty store of the engine of `store`."""
    if engine == "sqlite":
        with opened(engine, tmp_path / "other.db") as made:
            yield made
    else:
        with table() as made:
            yield made
