"""Commands that are given the wrong file, path or stream say in one line what is wrong."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from storage.durable_files import new_name, publish
from tests.storage.command_line import Run

LINE = b'{"type": "dataset", "name": "squad", "url": "https://x.org/squad"}\n'


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nodir/x.db", "there is no file nodir/x.db, and no directory for it"),
        ("", "must not be empty"),
        ("file:a.db", "file:a.db is a URI, not a path; use a.db"),
        ("file:///data/a.db?mode=ro", "is a URI, not a path; use /data/a.db"),
        ("~/x.db", "~ does not stand for a directory here; use /"),
        (":memory:", ":memory: is no file"),
    ],
)
@pytest.mark.parametrize("command", ["check", "export -"])
def test_a_wrong_path_is_refused_with_what_to_do(
    run: Run, tmp_path: Path, command: str, path: str, message: str
) -> None:
    done = run(*command.split(), SQLITE_PATH=path)

    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("SQLITE_PATH: ")
    assert message in done.stderr
    assert "storage create" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(LINE, mtime=0), "compressed with gzip"),
        (LINE.decode().encode("utf-16"), "text in UTF-16"),
        (LINE.decode().encode("utf-16-le"), "text in UTF-16"),
        (LINE.decode().encode("utf-16-be"), "text in UTF-16"),
        (b"SQLite format 3\0" + bytes(4_080), "a SQLite database"),
    ],
    ids=["gzip", "utf-16", "utf-16-le", "utf-16-be", "sqlite"],
)
def test_a_file_that_is_not_ndjson_is_refused_before_anything_is_created(
    run: Run, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "lines").write_bytes(content)

    done = run("import", "lines")

    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"lines is {message}")
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]


def test_a_name_that_is_taken_meanwhile_is_named_itself(tmp_path: Path) -> None:
    file = tmp_path / "same.nd"

    def write() -> None:
        with new_name(file) as partial:
            partial.write_bytes(b"mine")
            file.write_bytes(b"another's")
            publish(partial, file)

    with pytest.raises(FileExistsError) as raised:
        write()

    assert raised.value.filename == str(file)
    assert file.read_bytes() == b"another's"


def test_a_backup_to_a_device_is_refused(run: Run) -> None:
    run("create")

    done = run("backup", "/dev/null")

    assert (done.exit_code, done.stderr) == (
        2,
        "/dev/null is not a regular file; choose another name\n",
    )


def test_a_damaged_file_is_one_line_that_advises_a_backup(
    environment: dict[str, str], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "lines").write_bytes(
        b"".join(LINE.replace(b"squad", b"set-%d" % number) for number in range(500))
    )
    assert run("import", "lines").exit_code == 0
    path = tmp_path / "registry.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xaa" * (size // 2))

    for command in ("check", "export out.nd"):
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "-m", "storage", *command.split()],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (1, 2)
        assert "restore a backup" in done.stderr or "restored backup" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("storage create >&-", (1, "the result cannot be printed: Bad file descriptor")),
        (
            "storage backup copy.db >&-",
            (1, "the result cannot be printed: Bad file descriptor"),
        ),
        ("storage export - >&-", (1, "stdout: Bad file descriptor")),
        ("storage import - <&-", (1, "stdin: Bad file descriptor")),
        ("graph schema >&-", (1, "the result cannot be printed: Bad file descriptor")),
        ("graph token ada >&-", (1, "the result cannot be printed: Bad file descriptor")),
        ("storage check 2>&-", (0, "")),
    ],
)
def test_a_closed_stream_is_one_line(
    environment: dict[str, str],
    run: Run,
    tmp_path: Path,
    command: str,
    expected: tuple[int, str],
) -> None:
    (tmp_path / "lines").write_bytes(LINE)
    run("import", "lines")

    done = subprocess.run(  # noqa: S603 - our own commands
        ["/bin/sh", "-c", f"{sys.executable} -m {command}"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr.strip()) == expected
