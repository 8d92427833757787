"""Checks the README: its commands, its example, its links and its length."""

import json
import re
from collections import Counter

from tests.docs.blocks import ROOT, read_blocks

README = (ROOT / "README.md").read_text()


def test_first_two_blocks_run_and_test_the_registry() -> None:
    run, test = read_blocks("README.md")[:2]

    assert [run.language, test.language] == ["sh", "sh"]
    assert run.text.strip().endswith("python -m graph --sample")
    assert test.text.strip().endswith("python -m pytest -q")
    assert [len(block.text.splitlines()) for block in (run, test)] == [1, 1]


def test_query_with_its_answer_follows() -> None:
    assert [block.language for block in read_blocks("README.md")[2:4]] == ["graphql", "json"]


def test_every_page_is_linked() -> None:
    links = re.findall(r"\]\((docs/[^)#]+)\)", README)

    pages = {f"docs/{path.name}" for path in (ROOT / "docs").iterdir()}
    assert pages <= set(links)


def test_size_of_the_sample_data_is_correct() -> None:
    lines = (ROOT / "storage/transfer/sample.ndjson").read_text().splitlines()
    counts = Counter(json.loads(line)["type"] for line in lines)

    size = (
        f"{counts['model']} models, {counts['dataset']} datasets and "
        f"{counts['code']} repositories"
    )
    assert f"The sample data are {size}" in README


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 130
