"""Finds out whether a file is on a network file system, whose locks SQLite cannot rely on."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
"""Linux's list of mounts."""
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs|glusterfs|virtiofs|vboxsf"
    r"|fuse\.(sshfs|s3fs|rclone|glusterfs|ceph.*|gcsfuse|mount-s3|juicefs|seaweedfs)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def find_network_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the type of the network file system that holds a path; None if it is local.

    None also where the system does not tell.
    """
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return None
    found = [mount for line in lines if (mount := _parse(line))]
    holding = [(point, type_) for point, type_ in found if path.is_relative_to(point)]
    # Of two mounts at one point, the later one hides the other.
    longest = max((len(point.parts) for point, _ in holding), default=0)
    types = [type_ for point, type_ in holding if len(point.parts) == longest]
    return types[-1] if types and _NETWORK.fullmatch(types[-1]) else None


def _parse(line: str) -> tuple[Path, str] | None:
    """Return the mount point and the type of a line; see proc_pid_mountinfo(5)."""
    fields, separator, rest = line.partition(" - ")
    parts = fields.split(" ")
    if not separator or len(parts) < 5:  # noqa: PLR2004 - the fifth is the mount point
        return None
    point = _ESCAPED.sub(lambda match: chr(int(match[1], 8)), parts[4])
    return Path(point), rest.split(" ")[0]
