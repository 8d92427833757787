"""The redaction of secrets in the log."""

import json
import logging

import pytest

from graph.telemetry.logging import create_log_config, redact

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
def test_only_credentials_are_redacted(line: str, logged: str) -> None:
    assert redact(line) == logged


@pytest.mark.parametrize(
    "text",
    [
        f"text:\nBearer {SECRET}",
        f"text:\nregistry_{SECRET}",
        f"text:\n\teyJ{SECRET}",
        f'text "https://a.example/b?{SECRET}" and more',
        f"text 'https://me:{SECRET}@a.example'",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_credentials_are_redacted_in_every_part_of_a_line(text: str, as_json: bool) -> None:
    error = ValueError(text)
    record = logging.LogRecord(
        "graph", logging.ERROR, "", 0, "%s", (text,), (ValueError, error, None)
    )
    vars(record)["text"] = {"all": [text]}

    line = format_line(record, as_json=as_json)

    assert SECRET not in line
    assert line.count("text") == 4
    if as_json:
        content = json.loads(line)
        assert content["event"].startswith("text")
        assert content["exception"].startswith("ValueError")
        assert content["text"] == {"all": [redact(text)]}


def format_line(record: logging.LogRecord, *, as_json: bool) -> str:
    """Format a record as the server does."""
    (arguments,) = create_log_config(as_json=as_json)["formatters"].values()
    formatter = arguments.pop("()")(**arguments)
    assert isinstance(formatter, logging.Formatter)
    return formatter.format(record)
