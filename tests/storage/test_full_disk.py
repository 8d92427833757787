"""Stores on a disk that is really full: a small one, in a name space of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PRIVATE = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = 'mount -t tmpfs -o size=4m,mode=700 tmpfs "$0" && exec "$@"'


def can_mount() -> bool:
    """Return whether this user can mount a disk of its own."""
    if shutil.which("unshare") is None:
        return False
    command = (*_PRIVATE, "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - constants
    return done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_a_full_disk_fails_what_needs_it_and_nothing_is_lost(
    store: str, tmp_path: Path
) -> None:
    if not can_mount():
        pytest.skip("needs Linux with user name spaces")
    script = (sys.executable, "-m", "tests.storage.full_disk", str(tmp_path), store)
    command = (*_PRIVATE, "sh", "-c", _MOUNT, str(tmp_path), *script)

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own script

    assert done.returncode == 0, done.stderr
