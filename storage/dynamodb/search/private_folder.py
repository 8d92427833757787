"""The permissions of the directory of copies: nobody but its user may read or change them."""

import logging
import os
import stat
from pathlib import Path

from storage.errors import StoreSetupError

_log = logging.getLogger(__name__)

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_HAS_MODES = hasattr(os, "geteuid")
"""False on Windows, where the directories of a user are private."""


def require_private(root: Path) -> None:
    """Create the directory of all copies, or close the one that is there to other readers.

    Raises:
        StoreSetupError: if it cannot be used, with what to do.
    """
    try:
        root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        problem = find_problem(root)
        if not problem and _HAS_MODES and root.stat().st_mode & _OTHERS:
            root.chmod(PRIVATE_FOLDER)
            _log.warning("SEARCH_INDEX_PATH: closed %s to other users, who could read it", root)
    except OSError as error:
        problem = f"cannot be used: {error.strerror}"
    if problem:
        raise StoreSetupError(
            f"SEARCH_INDEX_PATH: the directory {root} {problem}; set it to a directory that "
            "this user can write to and others cannot, or to one that does not exist yet"
        )


def find_problem(root: Path) -> str | None:
    """Return why a directory cannot be used; None if it can, or does not exist."""
    try:
        return _find_problem(root) if _HAS_MODES else None
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"cannot be used: {error.strerror}"


def is_ours(path: Path) -> bool:
    """Return whether only this user can have made or changed something in the directory.

    It may be from before the directory was closed to others.
    """
    found = path.lstat()
    return not _HAS_MODES or (
        found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE
    )


def _find_problem(root: Path) -> str | None:
    # In a directory that others can write to, like that of temporary files, anybody may have
    # made it, or a link.
    is_shared = bool(root.parent.stat().st_mode & _OTHERS_WRITE)
    found = root.lstat() if is_shared else root.stat()
    if not stat.S_ISDIR(found.st_mode):
        return "is not a directory"
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & _OTHERS_WRITE:
        return "is open to other users"
    return None
