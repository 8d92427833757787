"""Compares docs/upgrading.md with the formats of the code."""

from storage.dynamodb.formats.schema_item import FORMAT, LOG_FORMAT
from storage.sqlite.schema import FORMAT as SQLITE_FORMAT
from tests.docs.blocks import read_table

PAGE = "docs/upgrading.md"


def test_the_formats_are_those_of_the_code() -> None:
    assert SQLITE_FORMAT == FORMAT
    assert read_table(PAGE, "Formats") == {
        "writes": [f"format {FORMAT}"],
        "serves tables of": [f"formats {LOG_FORMAT} and {FORMAT}"],
        "migrates tables of": [f"formats 1 to {FORMAT}, and of the earlier backend"],
    }
    assert LOG_FORMAT == FORMAT - 1  # "tables of the format before its own"
