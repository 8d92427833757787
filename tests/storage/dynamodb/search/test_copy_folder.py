"""The directories of copies: who may have them, what is current, and what is removed."""

import os
import stat
import time
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

import pytest

from storage.dynamodb.search.copy_folder import CopyFolder
from storage.dynamodb.search.private_folder import require_private
from storage.errors import StoreSetupError
from storage.search.schema import VERSION
from tests.storage.dynamodb.search.copies import files, new_file


class GaveUpError(Exception):
    """Raised instead of waiting for the lock."""


def give_up() -> NoReturn:
    raise GaveUpError


def publish(folder: CopyFolder) -> Path:
    """Publish a new build without artifacts."""
    with folder.building(give_up):
        path = folder.new_path()
        new_file(path).close()
        folder.publish(path)
        folder.remove_others()
        folder.remove_outdated()
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


def test_directories_are_for_this_user_alone(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    assert folder.current() is None
    assert not root.exists()

    path = publish(folder)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.parent.name == f"abc-1-{VERSION}"


def test_a_directory_that_others_could_have_made_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    root = tmp_path / "search"
    root.mkdir()
    root.chmod(0o722)

    with pytest.raises(StoreSetupError, match=r"^SEARCH_INDEX_PATH: .* is open to other users"):
        require_private(root)
    root.chmod(0o700)
    require_private(root)

    link = tmp_path / "link"
    link.symlink_to(root)
    with pytest.raises(StoreSetupError, match="is not a directory"):
        require_private(link)


def test_a_directory_that_others_can_write_to_is_refused(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    publish(folder)
    root.chmod(0o770)
    with pytest.raises(StoreSetupError, match="is open to other users"):
        require_private(root)
    assert folder.current() is None
    with pytest.raises(StoreSetupError), folder.building(give_up):
        pass


def test_a_directory_that_others_can_read_is_closed_to_them(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = publish(CopyFolder(root, "abc", 1))
    root.chmod(0o755)

    require_private(root)

    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert f"closed {root} to other users" in caplog.text
    assert CopyFolder(root, "abc", 1).current() == path


def test_files_of_copies_are_for_this_user_alone(root: Path) -> None:
    path = publish(CopyFolder(root, "abc", 1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("planted", ["file", "folder"])
def test_what_others_could_have_changed_is_no_build(root: Path, planted: str) -> None:
    folder = CopyFolder(root, "abc", 1)
    path = publish(folder)
    (path if planted == "file" else path.parent).chmod(0o777)

    assert folder.current() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_directory_of_another_user_is_refused(root: Path) -> None:
    root.mkdir(0o700)
    os.chown(root, 12345, 12345)
    with pytest.raises(StoreSetupError, match="belongs to another user"):
        require_private(root)
    assert CopyFolder(root, "abc", 1).current() is None


def test_a_path_that_is_no_directory_is_refused(root: Path) -> None:
    root.write_text("")
    with pytest.raises(StoreSetupError, match=f"{root} cannot be used: File exists"):
        require_private(root)


def test_the_last_published_build_is_current(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    first = publish(folder)
    assert folder.current() == first
    assert CopyFolder(root, "abc", 1).current() == first
    assert CopyFolder(root, "abc", 2).current() is None
    assert CopyFolder(root, "xyz", 1).current() is None

    second = publish(folder)
    assert folder.current() == second
    assert files(root) == [".db"]


@pytest.mark.parametrize("pointer", ["", "none.db", "../x.db", f"{'0' * 32}.db", "\0"])
def test_a_pointer_to_nothing_is_no_build(root: Path, pointer: str) -> None:
    folder = CopyFolder(root, "abc", 1)
    path = publish(folder)
    (path.parent / "current").write_text(pointer)
    assert folder.current() is None


def test_a_damaged_build_is_dropped(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    path = publish(folder)
    folder.drop(path)
    folder.drop(path)
    assert folder.current() is None
    assert files(root) == []


def test_dropping_an_old_build_leaves_the_current_one(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    old = publish(folder)
    path = publish(folder)
    folder.drop(old)
    assert folder.current() == path


def test_dropping_in_a_removed_directory_changes_nothing(root: Path) -> None:
    CopyFolder(root, "abc", 1).drop(root / "none.db")
    assert not root.exists()


def test_older_epochs_and_versions_of_the_table_are_removed(root: Path) -> None:
    older, other = publish(CopyFolder(root, "abc", 1)), publish(CopyFolder(root, "xyz", 1))
    (root / "abc-2-0").mkdir()
    (root / "abc-2-99").mkdir()
    current = publish(CopyFolder(root, "abc", 2))

    names = sorted(path.name for path in root.iterdir())
    assert names == sorted([current.parent.name, other.parent.name, "abc-2-99"])
    assert not older.exists()


def test_what_killed_builds_left_is_removed_unless_somebody_builds(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    current = publish(folder)
    with folder.building(give_up):
        unfinished = folder.new_path()
        folder.remove_abandoned()
        assert unfinished.exists()

    folder.remove_abandoned()

    assert not unfinished.exists()
    assert folder.current() == current


def test_directories_that_nobody_used_for_a_week_are_removed(root: Path) -> None:
    folder, gone = CopyFolder(root, "abc", 1), CopyFolder(root, "gone", 1)
    used, new = CopyFolder(root, "used", 1), CopyFolder(root, "new", 1)
    paths = {each: publish(each) for each in (folder, gone, used, new)}
    (root / "other").mkdir()
    week_ago = time.time() - 8 * 24 * 3_600
    with closing(used.share()):
        for path in (paths[gone].parent, paths[used].parent, root / "other"):
            for file in (*path.iterdir(), path):
                os.utime(file, (week_ago, week_ago))

        folder.remove_abandoned()

        assert [each.current() for each in (folder, used, new)] == [
            paths[folder],
            paths[used],
            paths[new],
        ]
    assert not paths[gone].parent.exists()
    assert (root / "other").exists()


def test_only_one_builds_at_a_time(root: Path) -> None:
    folder = CopyFolder(root, "abc", 1)
    with folder.building(give_up):
        with pytest.raises(GaveUpError), CopyFolder(root, "abc", 1).building(give_up):
            pass
        with CopyFolder(root, "abc", 2).building(give_up):
            pass
    with folder.building(give_up):
        pass


def test_the_lock_ends_with_its_process(root: Path) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold_lock, args=(root, theirs))
    process.start()
    assert ours.recv() == "locked"
    with pytest.raises(GaveUpError), CopyFolder(root, "abc", 1).building(give_up):
        pass

    process.kill()
    process.join()
    with CopyFolder(root, "abc", 1).building(give_up):
        pass


def hold_lock(root: Path, answers: Connection) -> None:
    """Lock until the process is killed."""
    with CopyFolder(root, "abc", 1).building(give_up):
        answers.send("locked")
        answers.recv()
