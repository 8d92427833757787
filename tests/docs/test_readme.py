"""The README's first screen: what it is, two commands, a query and its answer, the way on."""

import json
import re
from collections import Counter

from tests.docs.blocks import ROOT, blocks

README = (ROOT / "README.md").read_text()


def test_the_first_two_blocks_run_and_test_it() -> None:
    run, test = blocks("README.md")[:2]

    assert [run.language, test.language] == ["sh", "sh"]
    assert run.text.strip().endswith("python -m graph --sample")
    assert test.text.strip().endswith("python -m pytest -q")


def test_then_comes_a_query_with_its_answer() -> None:
    assert [block.language for block in blocks("README.md")[2:4]] == ["graphql", "json"]


def test_every_page_can_be_found_from_it() -> None:
    linked = re.findall(r"\]\((docs/[^)#]+)\)", README)

    pages = {f"docs/{path.name}" for path in (ROOT / "docs").iterdir()}
    assert pages <= set(linked)


def test_the_sample_data_are_as_many_as_it_says() -> None:
    lines = (ROOT / "storage/transfer/sample.ndjson").read_text().splitlines()
    of = Counter(json.loads(line)["type"] for line in lines)

    said = f"{of['model']} models, {of['dataset']} datasets and {of['code']} repositories"
    assert f"The sample data are {said}" in README


def test_it_can_be_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= 150
