"""What is taken out of the log, and what is left in it."""

import pytest

from graph.logs import redacted


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
