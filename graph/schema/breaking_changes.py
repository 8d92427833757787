"""Comparison with an earlier schema: breaking changes must be announced in the changelog."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

SCHEMA = Path("schema.graphql")
CHANGELOG = Path("CHANGELOG.md")
_UNRELEASED = re.compile(r"^## \[Unreleased\].*?$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_INSTRUCTIONS = (
    "Clients will break. If this is intended, announce it in the section [Unreleased] of "
    f"{CHANGELOG}, and say what to use instead:"
)


class NoSchemaError(Exception):
    """There is no valid schema to compare with."""


@dataclass(frozen=True, slots=True)
class SchemaChanges:
    """The changes that clients may notice, each described in one sentence."""

    unannounced: tuple[str, ...]
    """Breaking changes that the changelog does not announce."""
    announced: tuple[str, ...]
    """Breaking changes that the changelog announces."""
    dangerous: tuple[str, ...]
    """Changes that clients may not expect, such as a new enum value."""

    def format_report(self) -> str:
        """Format the changes, one per line, and what must be added to the changelog."""
        lines = [
            *(f"dangerous: {change}" for change in self.dangerous),
            *(f"breaking, announced: {change}" for change in self.announced),
            *(f"breaking: {change}" for change in self.unannounced),
        ]
        if self.unannounced:
            lines.append(_INSTRUCTIONS)
            lines += [f"- {_format_announcement(change)}" for change in self.unannounced]
        return "".join(f"{line}\n" for line in lines)


def find_changes(source: str, sdl: str) -> SchemaChanges:
    """Compare an earlier schema, in a file or a git revision, with the current SDL.

    Raises:
        NoSchemaError: The source has no valid schema.
    """
    old, new = _read_earlier_schema(source), build_schema(sdl)
    changelog = _read_unreleased(CHANGELOG.read_text() if CHANGELOG.is_file() else "")
    breaking = [change.description for change in find_breaking_changes(old, new)]
    announced = [change for change in breaking if _format_announcement(change) in changelog]
    return SchemaChanges(
        unannounced=tuple(change for change in breaking if change not in announced),
        announced=tuple(announced),
        dangerous=tuple(change.description for change in find_dangerous_changes(old, new)),
    )


def _format_announcement(change: str) -> str:
    return f"**Breaking:** {change}"


def _read_earlier_schema(source: str) -> GraphQLSchema:
    path = Path(source)
    sdl = path.read_text() if path.is_file() else _read_committed_schema(source)
    try:
        return build_schema(sdl)
    except (GraphQLError, TypeError) as error:
        raise NoSchemaError(f"{source} has no valid schema: {error}") from None


def _read_committed_schema(revision: str) -> str:
    command = ["git", "show", "--end-of-options", f"{revision}:./{SCHEMA}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, and no option
    if result.returncode:
        raise NoSchemaError(
            f"{revision} is neither a file nor a git revision with {SCHEMA}:"
            f" {result.stderr.strip()}"
        )
    return result.stdout


def _read_unreleased(changelog: str) -> str:
    """Return the section of the next release as one line, without backticks."""
    section = _UNRELEASED.search(changelog)
    return " ".join(section[1].replace("`", "").split()) if section else ""
