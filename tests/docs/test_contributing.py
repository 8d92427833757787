"""Checks that contributors run what CI runs."""

from tests.docs.blocks import ROOT, read_blocks


def test_ci_runs_the_documented_commands() -> None:
    blocks = [block for block in read_blocks("CONTRIBUTING.md") if block.language == "sh"]
    ci = (ROOT / ".ci/run").read_text()

    commands = "".join(block.text for block in blocks).splitlines()
    assert len(commands) > 1
    assert [command for command in commands if command not in ci] == []
