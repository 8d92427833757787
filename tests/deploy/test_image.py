"""The image contains the explorer's files, and has the same health check as the ECS task."""

import json
import re
import tomllib

from graph.graphiql.page import PACKAGES
from tests.deploy.template import DEPLOY, Stack

ROOT = DEPLOY.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_files_of_the_explorer_are_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packaged = project["tool"]["setuptools"]["package-data"]["graph"]

    assert set(packaged) == {"graphiql/*"} | {
        f"graphiql/node_modules/{package}/{path}" for package, _, path in PACKAGES.values()
    }


def test_the_page_uses_the_installed_versions() -> None:
    installed = json.loads((ROOT / "graph/graphiql/package.json").read_text())["dependencies"]

    assert installed == {package: version for package, version, _ in PACKAGES.values()}


def test_the_image_has_the_health_check_of_the_task() -> None:
    (health,) = re.findall(r"^HEALTHCHECK (?:--\S+ )*CMD (.+)$", DOCKERFILE, re.MULTILINE)
    (container,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]

    assert ["CMD", *json.loads(health)] == container["HealthCheck"]["Command"]


def test_the_server_is_the_process_that_gets_signals() -> None:
    (command,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)

    assert json.loads(command)[:3] == ["python", "-m", "graph"]
