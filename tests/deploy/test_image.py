"""The image holds what the explorer needs, and asks itself whether it lives as ECS does."""

import json
import re
import tomllib

from graph.graphiql.page import PACKAGES
from tests.deploy.template import DEPLOY, Stack

ROOT = DEPLOY.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_what_the_page_needs_is_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packaged = project["tool"]["setuptools"]["package-data"]["graph"]

    assert set(packaged) == {"graphiql/*"} | {
        f"graphiql/node_modules/{package}/{path}" for package, _, path in PACKAGES.values()
    }


def test_the_page_is_told_the_versions_that_are_installed() -> None:
    installed = json.loads((ROOT / "graph/graphiql/package.json").read_text())["dependencies"]

    assert installed == {package: version for package, version, _ in PACKAGES.values()}


def test_the_image_is_probed_as_the_task_is() -> None:
    (health,) = re.findall(r"^HEALTHCHECK (?:--\S+ )*CMD (.+)$", DOCKERFILE, re.MULTILINE)
    (container,) = Stack().properties("TaskDefinition")["ContainerDefinitions"]

    assert ["CMD", *json.loads(health)] == container["HealthCheck"]["Command"]


def test_the_server_is_the_process_that_is_told_to_stop() -> None:
    (command,) = re.findall(r"^CMD (.+)$", DOCKERFILE, re.MULTILINE)

    assert json.loads(command)[:3] == ["python", "-m", "graph"]
