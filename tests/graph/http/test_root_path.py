"""The server below the path of a reverse proxy, and the page at `/`."""

import re
from urllib.parse import urljoin

import httpx
import pytest

from graph.auth.roles import Role
from graph.settings import Settings
from storage.errors import StoreSetupError
from storage.settings import load_settings
from tests.graph.clients import serving
from tests.graph.recording_store import RecordingStore

pytestmark = pytest.mark.anyio

QUERY = {"query": "{ __typename }"}
HTML = {"accept": "text/html"}
BELOW = Settings(root_path="/ml/registry", allowed_hosts=("localhost",))
STRIPPED, KEPT = "", "/ml/registry"
"""What proxies that strip the prefix send before the path of a request, and others."""


@pytest.mark.parametrize("prefix", [STRIPPED, KEPT])
async def test_a_proxy_may_strip_the_root_path_or_not(
    recorded: RecordingStore, prefix: str
) -> None:
    async with serving(recorded, BELOW) as http:
        answer = await http.post(f"{prefix}/graphql", json=QUERY)
        health = await http.get(f"{prefix}/livez", headers={"host": "10.0.0.1"})
        home = await http.get(f"{prefix}/")
        page = await http.get(f"{prefix}/graphql", headers=HTML)
        paths = re.findall(r'"(explorer/[^"]+)"', page.text)
        files = [await http.get(urljoin(f"{prefix}/graphql", path)) for path in paths]

    assert answer.json()["data"] == {"__typename": "Query"}
    assert health.status_code == 200
    assert [home.status_code, home.headers["location"]] == [307, "/ml/registry/graphql"]
    assert {file.status_code for file in files} == {200}
    assert files


async def test_the_root_path_itself_leads_to_the_explorer(recorded: RecordingStore) -> None:
    async with serving(recorded, BELOW) as http:
        answer = await http.get("/ml/registry")

    assert answer.headers["location"] == "/ml/registry/graphql"


@pytest.mark.parametrize("path", ["/ml/registry2/graphql", "/ml/graphql", "/ml/registry/x"])
async def test_what_only_begins_with_the_root_path_is_not_found(
    recorded: RecordingStore, path: str
) -> None:
    async with serving(recorded, BELOW) as http:
        answer = await http.post(path, json=QUERY)

    assert answer.status_code == 404


async def test_without_a_root_path_everything_is_relative(http: httpx.AsyncClient) -> None:
    home = await http.get("/")
    page = await http.get("/graphql", headers=HTML)

    assert [home.status_code, home.headers["location"]] == [307, "graphql"]
    assert not re.search(r'(?:src|href)="/', page.text)


@pytest.mark.parametrize(
    ("root_path", "expected"), [(None, ""), ("/ml", "/ml/")], ids=["no root path", "root path"]
)
async def test_without_the_explorer_the_first_page_says_where_the_api_is(
    recorded: RecordingStore, root_path: str | None, expected: str
) -> None:
    settings = Settings(explorer=False, root_path=root_path, auth_anonymous=Role.NONE)
    async with serving(recorded, settings) as http:
        answer = await http.get("/")

    assert answer.status_code == 200
    assert answer.json() == {
        "name": "Artifact registry",
        "graphql": f"{expected}graphql",
        "schema": f"{expected}schema.graphql",
    }


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("registry", "'registry' is not a path such as /registry, without a slash at the end"),
        ("/registry/", "'/registry/' is not a path such as /registry"),
        ("/", "'/' is not a path"),
        ("", "'' is not a path"),
        ("//registry", "'//registry' is not a path"),
        ("/a/../b", "'/a/../b' is not a path"),
        ("/a b", "'/a b' is not a path"),
        ("https://a.example/b", "'https://a.example/b' is not a path"),
        ("/graphql", "'/graphql' begins as a path of the server itself; use another one"),
    ],
)
def test_a_root_path_that_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, path: str, problem: str
) -> None:
    monkeypatch.setenv("ROOT_PATH", path)

    with pytest.raises(StoreSetupError) as error:
        load_settings(Settings)

    assert f"ROOT_PATH: {problem}" in str(error.value)
