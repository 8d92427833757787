"""The image contains the explorer's files, and has the same health check as the ECS task."""

import json
import re
import tomllib
from pathlib import Path

from graph.graphiql.page import PACKAGES
from storage.dynamodb.search.private_folder import require_private
from tests.deploy.image import DOCKERFILE, IMAGE, ROOT, image_variable
from tests.deploy.template import Stack


def test_the_files_of_the_explorer_are_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packaged = project["tool"]["setuptools"]["package-data"]["graph"]

    assert set(packaged) == {"graphiql/*"} | {
        f"graphiql/node_modules/{package}/{path}" for package, _, path in PACKAGES.values()
    }


def test_the_documentation_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    data_files = project["tool"]["setuptools"]["data-files"]
    assert data_files == {"share/doc/artifact-registry": ["docs/*.md"]}
    assert DOCKERFILE.index("COPY docs docs") < DOCKERFILE.index("pip --python /venv install")


def test_the_page_uses_the_installed_versions() -> None:
    installed = json.loads((ROOT / "graph/graphiql/package.json").read_text())["dependencies"]

    assert installed == {package: version for package, version, _ in PACKAGES.values()}


def test_the_image_has_the_health_check_of_the_task() -> None:
    (health,) = re.findall(r"^HEALTHCHECK (?:--\S+ )*CMD (.+)$", DOCKERFILE, re.MULTILINE)
    (container,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]

    assert ["CMD", *json.loads(health)] == container["HealthCheck"]["Command"]


def test_everything_is_written_to_a_volume_of_the_unprivileged_user() -> None:
    (volume,) = re.findall(r"^VOLUME (.+)$", IMAGE, re.MULTILINE)
    (user,) = re.findall(r"^USER (.+)$", IMAGE, re.MULTILINE)

    for name in ("SQLITE_PATH", "SEARCH_INDEX_PATH"):
        assert Path(image_variable(name)).parent == Path(volume)
    # SQLite puts temporary files here if no other place is writable.
    assert re.findall(r"^WORKDIR (.+)$", IMAGE, re.MULTILINE) == [volume]
    assert user != "0:0"
    # A volume begins as what the image has in its place until then.
    owned = IMAGE.index(f"mkdir {volume} && chown {user} {volume}")
    assert owned < IMAGE.index(f"USER {user}") < IMAGE.index(f"VOLUME {volume}")


def test_the_index_is_made_private_in_a_volume_that_others_may_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = tmp_path / "search"

    require_private(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_server_is_the_process_that_gets_signals() -> None:
    (command,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)

    assert json.loads(command)[:3] == ["python", "-m", "graph"]
