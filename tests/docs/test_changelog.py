"""The changelog keeps its form, and contributors are told what CI does."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_what_is_not_released_comes_first() -> None:
    releases = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)

    assert releases[0] == "[Unreleased]"
    dated = r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}"
    assert [release for release in releases[1:] if not re.fullmatch(dated, release)] == []


def test_changes_are_of_the_kinds_that_there_are() -> None:
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= KINDS


def test_what_contributors_are_told_to_run_is_what_ci_runs() -> None:
    told = re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE | re.DOTALL
    )
    run = (ROOT / ".ci/run").read_text()

    commands = "".join(told).splitlines()
    assert len(commands) > 1
    assert [command for command in commands if command not in run] == []
