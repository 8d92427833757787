"""The operations from which clients are generated are valid."""

from pathlib import Path

from graphql import build_schema, parse, validate

HERE = Path(__file__).parent


def test_operations_are_valid() -> None:
    schema = build_schema((HERE.parents[1] / "schema.graphql").read_text())
    operations = [path.read_text() for path in HERE.glob("operations/*.graphql")]

    assert len(operations) > 1
    assert validate(schema, parse("".join(operations))) == []
