"""Find changes of the schema that break clients of an earlier version."""

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
_HOW_TO_ANNOUNCE = (
    "These changes break clients. If they are intended, announce them under [Unreleased] in "
    f"{CHANGELOG}, and say there what clients should do instead:"
)


class NoSchemaError(Exception):
    """There is no schema to compare with."""


@dataclass(frozen=True, slots=True)
class SchemaChanges:
    """The changes that can affect clients, as one sentence each."""

    unannounced: tuple[str, ...]
    """Breaking changes that the changelog does not announce."""
    announced: tuple[str, ...]
    """Breaking changes that the changelog announces."""
    dangerous: tuple[str, ...]
    """Changes that can surprise clients, such as a new enum value."""

    def report(self) -> str:
        """Return one line per change, and the lines that the changelog lacks."""
        lines = [
            *(f"dangerous: {change}" for change in self.dangerous),
            *(f"breaking, announced: {change}" for change in self.announced),
            *(f"breaking: {change}" for change in self.unannounced),
        ]
        if self.unannounced:
            lines.append(_HOW_TO_ANNOUNCE)
            lines += [f"- {_announcement(change)}" for change in self.unannounced]
        return "".join(f"{line}\n" for line in lines)


def find_changes(source: str, text: str) -> SchemaChanges:
    """Compare an earlier schema, in a file or a git revision, with the schema in `text`.

    Raises:
        NoSchemaError: `source` has no valid schema.
    """
    old, new = _read_schema(source), build_schema(text)
    announcements = _read_unreleased()
    breaking = [change.description for change in find_breaking_changes(old, new)]
    return SchemaChanges(
        unannounced=tuple(c for c in breaking if _announcement(c) not in announcements),
        announced=tuple(c for c in breaking if _announcement(c) in announcements),
        dangerous=tuple(change.description for change in find_dangerous_changes(old, new)),
    )


def _announcement(change: str) -> str:
    return f"**Breaking:** {change}"


def _read_schema(source: str) -> GraphQLSchema:
    path = Path(source)
    try:
        return build_schema(path.read_text() if path.is_file() else _read_revision(source))
    except UnicodeDecodeError:
        raise NoSchemaError(f"{source} has no valid schema: it is not text in UTF-8") from None
    except OSError as error:
        raise NoSchemaError(f"{source} cannot be read: {error.strerror}") from None
    except (GraphQLError, TypeError) as error:
        message = " ".join(str(error).split())
        raise NoSchemaError(f"{source} has no valid schema: {message}") from None


def _read_revision(revision: str) -> str:
    command = ["git", "show", "--end-of-options", f"{revision}:./{SCHEMA}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, and no option
    if result.returncode:
        raise NoSchemaError(
            f"{revision} is not a file, and git cannot read {SCHEMA} of this revision: "
            f"{result.stderr.strip()}"
        )
    return result.stdout


def _read_unreleased() -> str:
    """Return the changelog's section [Unreleased], without line breaks and backticks."""
    text = CHANGELOG.read_text() if CHANGELOG.is_file() else ""
    section = _UNRELEASED.search(text)
    return " ".join(section[1].replace("`", "").split()) if section else ""
