"""How much memory the demo took, stand-ins included."""

import sys
from pathlib import Path


def peak_mb() -> float:
    """The largest memory of this process so far, and of the processes it has started, in megabytes; 0 where the system can't say."""
    if sys.platform == "win32":
        return 0.0
    import resource  # not on Windows

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return (own + sum(_peak(child) for child in _children())) / 1e6


def _children() -> list[str]:
    """A child belongs to the thread that started it."""
    tasks = Path("/proc/self/task")
    return [
        child
        for task in (tasks.iterdir() if tasks.is_dir() else ())
        for child in (task / "children").read_text().split()
    ]


def _peak(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
