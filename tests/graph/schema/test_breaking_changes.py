"""`schema --against` fails for breaking changes that the changelog does not announce."""

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
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema.graphql").write_text(TEXT)
    (tmp_path / "earlier.graphql").write_text(EARLIER)
    return tmp_path


def compare(against: str = "earlier.graphql") -> Result:
    return CliRunner().invoke(command, ["schema", "--against", against])


def test_unchanged_schema_succeeds() -> None:
    result = compare("schema.graphql")

    assert (result.exit_code, result.output) == (0, "")


def test_breaking_change_fails_and_says_how_to_announce_it() -> None:
    result = compare()

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
def test_announced_breaking_change_succeeds_and_is_reported(
    directory: Path, unreleased: str
) -> None:
    text = CHANGELOG.format(unreleased=unreleased, released="nothing")
    (directory / "CHANGELOG.md").write_text(text)

    result = compare()

    assert (result.exit_code, result.output) == (0, f"breaking, announced: {REMOVED}\n")


@pytest.mark.parametrize(
    ("unreleased", "released"),
    [
        ("nothing", f"**Breaking:** {REMOVED}"),
        (REMOVED, "nothing"),
        ("**Breaking:** Field Query.everything2 was removed.", "nothing"),
    ],
)
def test_other_announcement_does_not_count(
    directory: Path, unreleased: str, released: str
) -> None:
    text = CHANGELOG.format(unreleased=unreleased, released=released)
    (directory / "CHANGELOG.md").write_text(text)

    assert compare().exit_code == 1


def test_dangerous_change_succeeds_and_is_reported(directory: Path) -> None:
    earlier = TEXT.replace(
        '  """Code that trains, evaluates or runs models."""\n  CODE\n', "", 1
    )
    (directory / "earlier.graphql").write_text(earlier)

    result = compare()

    expected = "dangerous: Enum value ArtifactType.CODE was added.\n"
    assert (result.exit_code, result.output) == (0, expected)


def test_earlier_schema_can_be_that_of_a_git_revision(directory: Path) -> None:
    (directory / "schema.graphql").write_text(EARLIER)
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        [*identity, "commit", "-qm", "x"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *arguments], check=True)  # noqa: S603, S607 - git, in a temporary directory

    assert [compare(revision).exit_code for revision in ("v1", "HEAD")] == [1, 1]
    assert REMOVED in compare("v1").output


@pytest.mark.parametrize("content", [None, "type Query {", "type Query { a: Nothing }"])
def test_missing_or_invalid_schema_is_reported(directory: Path, content: str | None) -> None:
    if content:
        (directory / "old").write_text(content)

    result = compare("old")

    assert result.exit_code == 2
    assert result.output.startswith("old ")
