"""Exports of what no input would be accepted as: artifacts of migrated tables and files."""

from pathlib import Path

import pytest

from storage.store import Store
from storage.transfer.export import export_lines
from tests.storage.engines import opened
from tests.storage.transfer.round_trip import export, import_all, parse, to_lines

STORED = {
    "type": "model",
    "version": 1,
    "contentVersion": 1,
    "createdAt": "2024-01-01T00:00:00+00:00",
    "updatedAt": "2024-01-01T00:00:00+00:00",
}


def test_an_artifact_from_before_histories_has_one_change_after_an_import(
    store: Store, other: Store
) -> None:
    named = {"id": "7", "name": "bert", "url": "https://x.org/1", "namedAt": _time(1)}
    import_all(store, to_lines({**STORED, **named, "version": 5, "contentVersion": 4}))

    lines = export(store)

    assert [(line["type"], line["version"]) for line in parse(lines)] == [
        ("model", 5),
        ("change", 5),
    ]
    import_all(other, lines)
    assert export(other) == lines


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "*"},
        {"name": ""},
        {"name": " \t"},
        {"name": "n" * 3_000},
        {"url": "relative path"},
        {"url": "https://user:secret@x.org/[" + "a" * 3_000, "name": "bert"},
        {"downloadUrl": "s3 bucket"},
        {"datasets": [{"name": "*"}, {"url": "no url"}], "codes": [{"name": "x" * 1_000}]},
        {"storedRating": "not JSON"},
        {"storedRating": '{"net_score": 0.5, "more": NaN}'},
        {"storedRating": '{"net_score": 0.5, "more": [1e3]}'},
        {"storedRating": "[" * 2_000, "ratedAt": "2024-01-01T00:00:00+00:00"},
    ],
)
def test_what_migrations_took_in_is_exported_and_imported(
    engine: str, tmp_path: Path, fields: dict[str, object]
) -> None:
    line = {"id": "7", "name": "bert", "url": "x", "namedAt": _time(1), **STORED, **fields}
    with opened(engine, tmp_path / "1.db") as store:
        _, rejects = import_all(store, to_lines(line))
        lines = export(store)
    assert rejects == []
    assert parse(lines)[0] == line

    with opened(engine, tmp_path / "2.db") as other:
        import_all(other, lines)
        assert export(other) == lines


def test_blank_names_are_nobodys_and_empty_urls_are_unique(store: Store, other: Store) -> None:
    blank = [
        {**STORED, "id": str(n), "name": "", "url": f"x://{n}", "namedAt": _time(1)}
        for n in (1, 2)
    ]
    empty = [
        {**STORED, "id": str(n), "name": "n", "url": "", "namedAt": _time(2)} for n in (3, 4)
    ]

    summary, rejects = import_all(store, to_lines(*blank, *empty))

    assert summary.registered == 3
    assert [(line, reason, field) for line, reason, field, _ in rejects] == [
        (4, "ALREADY_EXISTS", "url")
    ]
    lines = export(store)
    artifacts = [line for line in parse(lines) if line["type"] == "model"]
    assert [line["namedAt"] for line in artifacts] == [_time(1), _time(1), _time(2)]
    import_all(other, lines)
    assert export(other) == lines


def test_artifacts_are_ordered_by_the_time_of_their_names(store: Store) -> None:
    moments = [
        {**STORED, "id": str(n), "name": f"n{n}", "url": f"x://{n}", "namedAt": _time(n)}
        for n in (3, 1, 2)
    ]
    import_all(store, to_lines(*moments))

    lines = parse(export_lines(store, with_history=False))

    assert [line["id"] for line in lines] == ["1", "2", "3"]
    assert [line["namedAt"] for line in lines] == [_time(1), _time(2), _time(3)]


def _time(microseconds: int) -> str:
    return f"2024-01-01T00:00:00.{microseconds:06}+00:00"
