"""Checks the form of the changelog."""

import re

from tests.docs.blocks import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_unreleased_changes_come_first() -> None:
    releases = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)

    assert releases[0] == "[Unreleased]"
    version_and_date = r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}"
    assert [name for name in releases[1:] if not re.fullmatch(version_and_date, name)] == []


def test_changes_are_grouped_by_the_usual_kinds() -> None:
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= KINDS
