"""Changes of the schema are judged: what breaks clients has to be announced."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from graph.cli import app as command
from graph.schema.build import create_schema, to_sdl

TEXT = to_sdl(create_schema())
REMOVED = "Field Query.everything was removed."
EARLIER = TEXT.replace("type Query {", "type Query {\n  everything: [Artifact!]!\n")
CHANGELOG = """\
# Changelog

## [Unreleased]

### Removed

- {unreleased}

## [1.0.0] - 2026-01-01

- {released}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.graphql").write_text(TEXT)
    (tmp_path / "earlier.graphql").write_text(EARLIER)
    return tmp_path


def judged(against: str = "earlier.graphql") -> Result:
    return CliRunner().invoke(command, ["schema", "--against", against])


def test_the_same_schema_passes() -> None:
    result = judged("schema.graphql")

    assert (result.exit_code, result.output) == (0, "")


def test_a_breaking_change_fails_and_says_how_to_announce_it() -> None:
    result = judged()

    assert result.exit_code == 1
    assert f"breaking: {REMOVED}\n" in result.output
    assert result.output.endswith(f"\n- **Breaking:** {REMOVED}\n")


@pytest.mark.parametrize(
    "unreleased",
    [
        f"**Breaking:** {REMOVED}",
        f"**Breaking:** {REMOVED} Ask for `artifacts`.",
        "**Breaking:** Field `Query.everything`\n  was removed.",
    ],
)
def test_one_that_is_announced_passes_and_is_named(here: Path, unreleased: str) -> None:
    text = CHANGELOG.format(unreleased=unreleased, released="nothing")
    (here / "CHANGELOG.md").write_text(text)

    result = judged()

    assert (result.exit_code, result.output) == (0, f"breaking, announced: {REMOVED}\n")


@pytest.mark.parametrize(
    ("unreleased", "released"),
    [
        ("nothing", f"**Breaking:** {REMOVED}"),
        (REMOVED, "nothing"),
        ("**Breaking:** Field Query.everything2 was removed.", "nothing"),
    ],
)
def test_another_announcement_does_not_do(here: Path, unreleased: str, released: str) -> None:
    text = CHANGELOG.format(unreleased=unreleased, released=released)
    (here / "CHANGELOG.md").write_text(text)

    assert judged().exit_code == 1


def test_a_dangerous_change_is_named_and_passes(here: Path) -> None:
    earlier = TEXT.replace(
        '  """Code that trains, evaluates or runs models."""\n  CODE\n', "", 1
    )
    (here / "earlier.graphql").write_text(earlier)

    result = judged()

    said = "dangerous: Enum value ArtifactType.CODE was added.\n"
    assert (result.exit_code, result.output) == (0, said)


def test_the_earlier_schema_may_be_that_of_a_revision(here: Path) -> None:
    (here / "schema.graphql").write_text(EARLIER)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        [*who, "commit", "-qm", "x"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *arguments], check=True)  # noqa: S603, S607 - git, in a folder of our own

    assert [judged(revision).exit_code for revision in ("v1", "HEAD")] == [1, 1]
    assert REMOVED in judged("v1").output


@pytest.mark.parametrize("content", [None, "type Query {", "type Query { a: Nothing }"])
def test_what_is_no_schema_is_said_to_be_none(here: Path, content: str | None) -> None:
    if content:
        (here / "old").write_text(content)

    result = judged("old")

    assert result.exit_code == 2
    assert result.output.startswith("old ")
