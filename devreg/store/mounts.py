"""Whether a path lies on a disk of this machine or behind a network, where SQLite's locks can't be relied on."""

import re
from pathlib import Path
from typing import Final

_TABLE: Path = Path("/proc/mounts")
_NETWORK: Final = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "fuse.ceph", "glusterfs", "fuse.glusterfs", "lustre", "gpfs",
    "beegfs", "ocfs2", "gfs2", "fuse.sshfs", "davfs", "fuse.davfs", "fuse.rclone", "fuse.s3fs",
})  # fmt: skip


def network_kind(path: Path) -> str | None:
    """The kind of network file system the path lies on, as Linux names it; None on a local one, and where nobody can say.

    Windows shares are known by their address. macOS has no table to read: there it is not known.
    """
    place = path.absolute()
    if str(place).startswith("\\\\"):
        return "smb"
    place = place.parent.resolve() / place.name
    try:
        lines = _TABLE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found, kind = -1, ""
    for line in lines:
        _, at, mounted, *_ = [*line.split(" "), "", "", ""]
        mount = Path(_unescaped(at))
        if at and place.is_relative_to(mount) and len(mount.parts) >= found:  # a later mount covers an earlier one
            found, kind = len(mount.parts), mounted
    return kind if kind in _NETWORK else None


def _unescaped(text: str) -> str:
    r"""A blank stands as \040 in the table."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text)
