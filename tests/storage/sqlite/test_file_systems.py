"""Network file systems are told from local ones by the system's list of mounts."""

import sys
from pathlib import Path

import pytest

from storage.sqlite.file_systems import find_network_file_system

MOUNTS = r"""
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /data rw,relatime - nfs4 fs-1.efs.example:/ rw,vers=4.1
31 30 0:41 / /data/local rw - tmpfs tmpfs rw
32 22 0:42 / /my\040share rw - cifs //server/share rw
33 22 0:43 / /models rw - fuse.sshfs me@host: rw
34 22 0:44 / /over rw - 9p hostshare rw
35 22 0:45 / /over rw - ext4 /dev/vdb rw
36 22 0:46 / /disk rw master:1 propagate_from:2 - xfs /dev/vdc rw
damaged
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/registry.db", None),
        ("/data/registry.db", "nfs4"),
        ("/data/deep/er/registry.db", "nfs4"),
        ("/data/local/registry.db", None),
        ("/database/registry.db", None),
        ("/my share/registry.db", "cifs"),
        ("/models/registry.db", "fuse.sshfs"),
        ("/over/registry.db", None),
        ("/disk/registry.db", None),
    ],
)
def test_the_innermost_mount_decides(tmp_path: Path, path: str, expected: str | None) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)

    assert find_network_file_system(Path(path), tmp_path / "mountinfo") == expected


def test_a_system_without_such_a_list_tells_nothing(tmp_path: Path) -> None:
    assert find_network_file_system(tmp_path, tmp_path / "missing") is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such list")
def test_the_temporary_directory_is_local(tmp_path: Path) -> None:
    assert find_network_file_system(tmp_path) is None
