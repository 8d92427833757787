"""A rejected line with an unknown field says which one was probably meant."""

from typing import Any

import pytest

from storage.store import Store
from tests.storage.transfer.round_trip import import_all, to_lines
from tests.storage.transfer.test_import import CHANGE, STORED

MODEL = {"type": "model", "url": "https://x.org/a"}
UNKNOWN = "is not a field of this input"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"uri": "https://x.org"}, "uri", f"{UNKNOWN}; did you mean url?"),
        ({"download_urls": "x"}, "download_urls", f"{UNKNOWN}; did you mean downloadUrl?"),
        ({"DownloadURL": "x"}, "DownloadURL", f"{UNKNOWN}; did you mean downloadUrl?"),
        ({"dataset": []}, "dataset", f"{UNKNOWN}; did you mean datasets?"),
        ({"licence": "mit"}, "licence", f"{UNKNOWN}; did you mean license?"),
        ({"colour": "red"}, "colour", UNKNOWN),
        (
            {"datasets": [{"name": "a", "rôle": "x"}]},
            "datasets.0.rôle",
            f"{UNKNOWN}; did you mean role?",
        ),
        (
            {"rating": {"netScore": 1, "busFacto": 1}},
            "rating.busFacto",
            f"{UNKNOWN}; did you mean busFactor?",
        ),
    ],
)
def test_unknown_fields(store: Store, fields: dict[str, Any], field: str, message: str) -> None:
    assert import_all(store, to_lines({**MODEL, **fields}))[1] == [
        (1, "INVALID", field, message)
    ]


def test_unknown_fields_of_changes(store: Store) -> None:
    lines = to_lines(STORED, {**CHANGE, "requestID": "a"})

    assert import_all(store, lines)[1] == [
        (2, "INVALID", "requestID", f"{UNKNOWN}; did you mean requestId?")
    ]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (b"1e999", "not JSON at character "),
        (b"-1e999", "not JSON at character "),
        (b"NaN", "not JSON at character "),
        (b"Infinity", "not JSON at character "),
        (b"9" * 5_000, "not JSON at character "),
    ],
)
def test_numbers_that_no_store_can_hold(store: Store, number: bytes, message: str) -> None:
    line = b'{"type": "model", "url": "https://x.org/a", "rating": {"netScore": %s}}' % number

    ((at, reason, _, text),) = import_all(store, [line])[1]

    assert (at, reason) == (1, "UNREADABLE")
    assert text.startswith(message)
