"""What is taken out of the log, and what is left in it."""

import json
import logging

import pytest

from graph.telemetry.logging import configuration, redacted

SECRET = "secretsecret"


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        ("https://me:secret@a.example/b", "https://***@a.example/b"),
        ("at 'https://secret@a.example'", "at 'https://***@a.example'"),
        ("redis://:secret@127.0.0.1:6379/0", "redis://***@127.0.0.1:6379/0"),
        ("input_value='https://me:secr...", "input_value='https://***"),
        ("https://a.example/b?X-Amz-Signature=secret&c", "https://a.example/b?***"),
        ("Authorization: Bearer secretsecret", "Authorization: Bearer ***"),
        ("{'authorization': 'bearer secretsecret'}", "{'authorization': 'bearer ***'}"),
        ("the token registry_secret-secret_1.", "the token registry_***."),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2VjcmV0 is bad", "*** is bad"),
        (
            "running on http://127.0.0.1:8000/graphql",
            "running on http://127.0.0.1:8000/graphql",
        ),
        ("running on http://[::1]:8000", "running on http://[::1]:8000"),
        ("mail to a@b.example at 12:30", "mail to a@b.example at 12:30"),
    ],
)
def test_credentials_are_taken_out_and_all_else_is_left(line: str, logged: str) -> None:
    assert redacted(line) == logged


@pytest.mark.parametrize(
    "text",
    [
        f"told:\nBearer {SECRET}",
        f"told:\nregistry_{SECRET}",
        f"told:\n\teyJ{SECRET}",
        f'told "https://a.example/b?{SECRET}" and more',
        f"told 'https://me:{SECRET}@a.example'",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_credentials_are_taken_out_wherever_a_line_has_them(text: str, as_json: bool) -> None:
    error = ValueError(text)
    record = logging.LogRecord(
        "graph", logging.ERROR, "", 0, "%s", (text,), (ValueError, error, None)
    )
    vars(record)["told"] = {"all": [text]}

    line = written(record, as_json=as_json)

    assert SECRET not in line
    assert line.count("told") == 4
    if as_json:
        content = json.loads(line)
        assert content["event"].startswith("told")
        assert content["exception"].startswith("ValueError")
        assert content["told"] == {"all": [redacted(text)]}


def written(record: logging.LogRecord, *, as_json: bool) -> str:
    """The line that the server's log has of a record."""
    (made,) = configuration(as_json=as_json)["formatters"].values()
    formatter = made.pop("()")(**made)
    assert isinstance(formatter, logging.Formatter)
    return formatter.format(record)
