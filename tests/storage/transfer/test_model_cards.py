"""Importing model cards: the models that they become, and cards that are rejected."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.storage.command_line import Run
from tests.storage.transfer.cards import CARDS, HUB, UNREADABLE, card


def export(run: Run) -> list[dict[str, Any]]:
    """Return the artifacts of the store without what it gave them."""
    lines = run("export", "-", "--no-history").stdout.splitlines()
    given = {"id", "version", "contentVersion", "createdAt", "updatedAt", "namedAt"}
    return [
        {name: value for name, value in orjson.loads(line).items() if name not in given}
        for line in lines
    ]


def write(folder: Path, name: str, content: bytes) -> str:
    file = folder / name / "README.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return str(file.relative_to(folder))


def test_cards_become_models(run: Run, tmp_path: Path) -> None:
    files = {
        name: write(tmp_path, f"acme/m{n}", card(text))
        for n, (name, (text, *_)) in enumerate(CARDS.items())
    }

    done = run("import", "--format", "model-card", *files.values())

    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"registered {len(CARDS)}")
    assert done.stderr.splitlines() == [
        f"{files[name]}: not imported: {unmapped}"
        for name, (_, _, unmapped) in CARDS.items()
        if unmapped
    ]
    found = {each["name"]: each for each in export(run)}
    for n, (name, (_, fields, _)) in enumerate(CARDS.items()):
        model = {"type": "model", "name": f"acme/m{n}", "url": f"{HUB}acme/m{n}"}
        assert found[f"acme/m{n}"] == model | with_properties(fields), name


def with_properties(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with properties as lines of exports have them."""
    pairs = sorted(fields.get("properties", {}).items())
    properties = [{"key": key, "value": value} for key, value in pairs]
    return fields | ({"properties": properties} if properties else {})


def test_cards_that_cannot_be_read_are_rejected(run: Run, tmp_path: Path) -> None:
    files = [
        write(tmp_path, f"acme/m{n}", content)
        for n, (content, _) in enumerate(UNREADABLE.values())
    ]

    done = run("import", "--format", "model-card", *files)

    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{file}: {message}"
        for file, (_, message) in zip(files, UNREADABLE.values(), strict=True)
    ]
    assert done.stdout.splitlines() == [
        "registered 0",
        "updated 0",
        "unchanged 0",
        f"rejected {len(UNREADABLE)}",
        f"  UNREADABLE {len(UNREADABLE)}",
    ]


def test_windows_line_ends_and_what_editors_put_before_are_read(
    run: Run, tmp_path: Path
) -> None:
    content = b"\xef\xbb\xbf\n\n" + card("license: mit\ntags:\n- a").replace(b"\n", b"\r\n")
    file = write(tmp_path, "acme/tiny", content)

    assert run("import", "--format", "model-card", file).exit_code == 0
    assert [(each["license"], each["tags"]) for each in export(run)] == [("mit", ["a"])]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("gpt2", "gpt2"),
        ("acme/tiny", "acme/tiny"),
        ("models/acme/tiny", "acme/tiny"),
        ("hub/models--acme--tiny/snapshots/0a1b", "acme/tiny"),
        ("hub/models--gpt2/snapshots/0a1b", "gpt2"),
    ],
)
def test_folders_name_the_repository(run: Run, tmp_path: Path, folder: str, name: str) -> None:
    run("import", "--format", "model-card", write(tmp_path, folder, card("license: mit")))

    assert [each["url"] for each in export(run)] == [HUB + name]


def test_repo_names_the_repository_of_one_card(run: Run, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(card("license: mit"))
    other = write(tmp_path, "acme/tiny", card("license: mit"))

    unnamed = run("import", "--format", "model-card", "README.md")
    wrong = run("import", "--format", "model-card", "README.md", "--repo", "a/b/c")
    several = run("import", "--format", "model-card", "README.md", other, "--repo", "a/b")
    named = run("import", "--format", "model-card", "README.md", "--repo", "acme/other")

    assert (unnamed.exit_code, wrong.exit_code, several.exit_code, named.exit_code) == (
        1,
        1,
        2,
        0,
    )
    assert "pass --repo" in unnamed.stderr
    assert "a/b/c is not the id of a repository" in wrong.stderr
    assert [each["name"] for each in export(run)] == ["acme/other"]


def test_many_cards_are_imported_and_updated(run: Run, tmp_path: Path) -> None:
    files = [write(tmp_path, f"acme/m{n}", card(f"tags: [t{n}]")) for n in range(3)]
    broken = write(tmp_path, "acme/broken", b"")
    command = ("import", "--format", "model-card", files[0], broken, *files[1:])

    first = run(*command)
    again = run(*command)
    updated = run(*command, "--on-conflict", "update")

    assert (first.exit_code, first.stdout.splitlines()[0]) == (1, "registered 3")
    assert f"{files[1]}: url: " in again.stderr
    assert updated.stdout.splitlines()[2] == "unchanged 3"
    assert [each["tags"] for each in export(run)] == [["t0"], ["t1"], ["t2"]]


@pytest.mark.parametrize(
    "arguments",
    [("a", "b"), ("a", "--repo", "a/b"), ("a", "--format", "model-card", "--rejects", "r")],
    ids=["several files", "repo", "rejects"],
)
def test_options_of_the_other_format_are_refused(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"")

    assert run("import", *arguments).exit_code == 2
