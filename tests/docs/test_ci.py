"""Runs the examples in docs/ci.md against a server, with a stand-in for GitHub's issuer."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import yaml

from graph.auth.roles import Role
from graph.auth.static_tokens import create_token
from graph.settings import Settings
from tests.docs.blocks import ROOT, read_blocks
from tests.graph.oidc_issuer import Issuer, publish_keys
from tests.graph.server_process import await_ready, free_port, send, starting

pytestmark = [pytest.mark.slow, pytest.mark.serial]

PAGE = "docs/ci.md"
GITHUB = "https://token.actions.githubusercontent.com"
AUDIENCE = "https://registry.example.org"
URL = "https://models.example.org/acme/titanic"
GRAPHQL_JS = ROOT / "graph/graphiql/node_modules/graphql"


def read_block(language: str, label: str) -> str:
    (text,) = (b.text for b in read_blocks(PAGE) if (b.language, b.label) == (language, label))
    return text


SCRIPTS = {
    "python": [sys.executable, "-c", read_block("python", "ci")],
    "curl": ["bash", "-c", read_block("sh", "ci")],
}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    issuer = Issuer()
    issuer.name = GITHUB
    return issuer


@pytest.fixture(scope="module")
def registry(
    tmp_path_factory: pytest.TempPathFactory, issuer: Issuer
) -> Iterator[dict[str, str]]:
    """The variables of a job that may register, at a server with the page's settings."""
    token, entry = create_token("ci", Role.WRITE)
    port = free_port()
    with publish_keys(issuer) as keys, starting(tmp_path_factory.mktemp("server")) as start:
        settings = {**read_settings(), "AUTH_JWKS_URL": keys, "AUTH_TOKENS": str(entry)}
        start("--port", str(port), AUTH_ANONYMOUS="read", **settings)
        await_ready(port)
        yield {"REGISTRY_TOKEN": token, "REGISTRY_URL": f"http://127.0.0.1:{port}/graphql"}


def read_settings() -> dict[str, str]:
    return dict(line.split("=", 1) for line in read_block("sh", "settings").splitlines())


@pytest.fixture
def url() -> str:
    """A URL that no other test registers."""
    return f"https://models.example.org/{uuid4()}"


def run(
    command: list[str], folder: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own documentation
        command,
        cwd=folder,
        env={**os.environ, **variables},  # noqa: TID251 - a process needs one
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def read_model(registry: dict[str, str], url: str) -> Any:
    port = urlsplit(registry["REGISTRY_URL"]).port
    assert port is not None
    query = """query ($url: URL!) { model(by: { url: $url }) {
        version updatedBy { name } references { targetName revision } } }"""
    return send(port, query, url=url)["model"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_job_registers_a_model_and_can_be_repeated(
    tmp_path: Path, registry: dict[str, str], name: str, url: str
) -> None:
    *command, script = SCRIPTS[name]

    results = [run([*command, script.replace(URL, url)], tmp_path, registry) for _ in range(2)]

    assert [result.returncode for result in results] == [0, 0], results
    assert results[0].stdout.split()[-1] == "CREATED"
    assert results[1].stdout.split()[-1] == "UNCHANGED"
    assert read_model(registry, url) == {
        "version": 1,
        "updatedBy": {"name": "ci"},
        "references": [{"targetName": "titanic", "revision": None}],
    }


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_job_fails_if_the_model_is_not_registered(
    tmp_path: Path, registry: dict[str, str], name: str, url: str
) -> None:
    *command, script = SCRIPTS[name]
    script = script.replace(URL, url)

    invalid = run([*command, script.replace(url, "titanic")], tmp_path, registry)
    unknown = run([*command, script.replace("outcome", "result")], tmp_path, registry)
    token = {**registry, "REGISTRY_TOKEN": "wrong"}
    rejected = run([*command, script], tmp_path, token)

    assert [each.returncode != 0 for each in (invalid, unknown, rejected)] == [True] * 3
    assert "INVALID" in invalid.stdout + invalid.stderr
    assert "GRAPHQL_VALIDATION_FAILED" in unknown.stdout + unknown.stderr
    assert "401" in rejected.stderr
    assert read_model(registry, url) is None


@contextmanager
def issue_tokens(token: str) -> Iterator[str]:
    """Answer requests for a token as GitHub does in a job; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_right = (
                self.headers["authorization"] == "bearer request-token"
                and self.path == f"/token?api-version=2.0&audience={AUDIENCE}"
            )
            self.send_response(200 if is_right else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"value": token} if is_right else {}).encode())

        def log_message(self, *_: object) -> None:
            """Write no log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/token?api-version=2.0"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("repository", "ref", "is_accepted"),
    [
        ("acme/training", "refs/heads/main", True),
        ("acme/training", "refs/heads/other", False),
        ("acme/website", "refs/heads/main", False),
        ("stranger/training", "refs/heads/main", False),
    ],
)
def test_a_job_of_github_registers_without_a_stored_secret(
    registry: dict[str, str],
    issuer: Issuer,
    tmp_path: Path,
    url: str,
    *,
    repository: str,
    ref: str,
    is_accepted: bool,
) -> None:
    owner = repository.partition("/")[0]
    subject = f"repo:{repository}:ref:{ref}"
    claims = {"repository": repository, "repository_owner": owner, "ref": ref}
    token = issuer.sign_token(aud=AUDIENCE, sub=subject, roles=None, **claims)
    (step,) = yaml.safe_load(read_block("yaml", ""))["jobs"]["train"]["steps"]
    script = tmp_path / "step.sh"
    script.write_text(step["run"].replace(URL, url))

    with issue_tokens(token) as token_url:
        job = {
            "REGISTRY_URL": registry["REGISTRY_URL"],
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
            "ACTIONS_ID_TOKEN_REQUEST_URL": token_url,
            "GITHUB_SHA": "4f2a",
        }
        result = run(["bash", "--noprofile", "-eo", "pipefail", str(script)], tmp_path, job)

    assert (result.returncode == 0) is is_accepted, result.stderr
    references = [
        {"targetName": "titanic", "revision": None},
        {"targetName": "acme/training", "revision": "4f2a"},
    ]
    model = {"version": 1, "updatedBy": {"name": subject}, "references": references}
    assert read_model(registry, url) == (model if is_accepted else None)


def test_both_forms_of_the_settings_mean_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for name, value in read_settings().items():
            patch.setenv(name, value)
        variables = Settings().issuers
    monkeypatch.setenv("AUTH_ISSUERS", read_block("json", "settings"))

    assert Settings().issuers == variables
    assert Settings().warnings == []


@pytest.mark.skipif(
    not GRAPHQL_JS.is_dir() or shutil.which("node") is None, reason="needs npm's graphql"
)
def test_a_frontend_checks_its_schema_and_its_operations(
    tmp_path: Path, registry: dict[str, str]
) -> None:
    schema = (ROOT / "schema.graphql").read_text()
    (tmp_path / "node_modules").symlink_to(GRAPHQL_JS.parent)
    (tmp_path / "check-schema.mjs").write_text(read_block("js", "ci"))
    (tmp_path / "good.graphql").write_text("{ models { nodes { name } } }")
    (tmp_path / "bad.graphql").write_text("{ models { nodes { nme } } }")

    def check(committed: str, file: str) -> tuple[int, str]:
        (tmp_path / "schema.graphql").write_text(committed)
        result = run(["node", "check-schema.mjs", file], tmp_path, registry)
        return result.returncode, result.stdout

    assert check(schema, "good.graphql") == (0, "compatible\n")
    older = schema.replace("type Query {", "type Query {\n  gone: Int\n", 1)
    code, problems = check(older, "bad.graphql")
    assert (code, problems.splitlines()) == (
        1,
        [
            "Query.gone was removed.",
            'bad.graphql: Cannot query field "nme" on type "Model". Did you mean "name"?',
        ],
    )
