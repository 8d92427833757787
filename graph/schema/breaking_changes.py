"""Judges what changes of the schema do to the clients of an earlier one."""

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
    f"These break clients. If that is meant, {CHANGELOG} has to say, under [Unreleased], and "
    "best with what to do instead:"
)


class NoSchemaError(Exception):
    """There is no schema to compare with."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The changes that clients may notice, each in a sentence."""

    unannounced: tuple[str, ...]
    """Breaking changes of which the changelog says nothing."""
    announced: tuple[str, ...]
    """Breaking changes that the changelog announces."""
    dangerous: tuple[str, ...]
    """Changes that may surprise clients, such as a new value of an enum."""

    def report(self) -> str:
        """The changes, a line each, and what the changelog lacks."""
        lines = [
            *(f"dangerous: {change}" for change in self.dangerous),
            *(f"breaking, announced: {change}" for change in self.announced),
            *(f"breaking: {change}" for change in self.unannounced),
        ]
        if self.unannounced:
            lines.append(_HOW_TO_ANNOUNCE)
            lines += [f"- {_announcement(change)}" for change in self.unannounced]
        return "".join(f"{line}\n" for line in lines)


def judge(source: str, text: str) -> Judgement:
    """What the clients of an earlier schema, in a file or a git revision, meet in this one.

    Raises:
        NoSchemaError: where there is no earlier schema.
    """
    old, new = _earlier(source), build_schema(text)
    said = _unreleased(CHANGELOG.read_text() if CHANGELOG.is_file() else "")
    breaking = [change.description for change in find_breaking_changes(old, new)]
    return Judgement(
        tuple(change for change in breaking if _announcement(change) not in said),
        tuple(change for change in breaking if _announcement(change) in said),
        tuple(change.description for change in find_dangerous_changes(old, new)),
    )


def _announcement(change: str) -> str:
    return f"**Breaking:** {change}"


def _earlier(source: str) -> GraphQLSchema:
    path = Path(source)
    text = path.read_text() if path.is_file() else _committed(source)
    try:
        return build_schema(text)
    except (GraphQLError, TypeError) as error:
        raise NoSchemaError(f"{source} has no valid schema: {error}") from None


def _committed(revision: str) -> str:
    command = ["git", "show", "--end-of-options", f"{revision}:./{SCHEMA}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell, and no option
    if shown.returncode:
        raise NoSchemaError(f"{revision} is no file, and git says: {shown.stderr.strip()}")
    return shown.stdout


def _unreleased(changelog: str) -> str:
    """What the changelog says of the next release, as one line of words without backticks."""
    section = _UNRELEASED.search(changelog)
    return " ".join(section[1].replace("`", "").split()) if section else ""
