"""Reports of rejected lines, and the file of them, which can be imported."""

import json
from pathlib import Path

from tests.storage.command_line import Run

TAKEN = "already has this url."


def _line(at: int) -> str:
    fields = {"type": "dataset", "url": f"https://example.org/d{at}", "name": f"é{at}"}
    return json.dumps(fields, ensure_ascii=False)


def test_lines_whose_url_is_taken_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text("\n".join([_line(1), _line(2), _line(1)]))

    done = run("import", "in.ndjson")

    assert done.exit_code == 1
    (message,) = done.stderr.splitlines()
    assert message.startswith("line 3: url: The dataset ")
    assert message.endswith(TAKEN)


def test_of_many_lines_with_one_reason_a_few_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(b"\xff\n" * 500 + _line(1).encode())

    done = run("import", "in.ndjson")

    messages = done.stderr.splitlines()
    assert len(messages) == 21
    assert messages[19].startswith("line 20: ")
    assert messages[20] == "UNREADABLE: 480 more"
    assert done.stdout.splitlines()[:1] == ["registered 1"]


def test_rejected_lines_can_be_allowed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_bytes(b"\xef\xbb\xbf" + _line(1).encode() + b"\n[]\n")

    done = run("import", "in.ndjson", "--allow-rejects")

    assert (done.exit_code, done.stderr) == (0, "line 2: not a JSON object\n")
    assert done.stdout.splitlines()[0] == "registered 1"
    assert done.stdout.splitlines()[-1] == f"created the file {tmp_path / 'registry.db'}"


def test_a_file_of_rejected_lines_can_be_imported(run: Run, tmp_path: Path) -> None:
    taken = json.dumps({**json.loads(_line(1)), "name": "new"})
    (tmp_path / "in.ndjson").write_text("\n".join([_line(1), taken, "nonsense"]))
    run("import", "in.ndjson", "--rejects", "rejects.ndjson")

    again = run(
        "import", "rejects.ndjson", "--rejects", "left.ndjson", "--on-conflict", "update"
    )

    assert again.stdout.splitlines()[:3] == ["registered 0", "updated 1", "unchanged 0"]
    (left,) = (tmp_path / "left.ndjson").read_text().splitlines()
    assert json.loads(left)["text"] == "nonsense"
    assert '"name":"new"' in run("export", "-", "--no-history").stdout
