"""A process of its own that synchronises: `python -m benchmarks.syncing FILE DEVICES`. Says when it begins, at the end its peak kB."""

import re
import sys
from pathlib import Path

from benchmarks.fleet import Moment, consoles
from benchmarks.register import open_register, sync

if __name__ == "__main__":
    fleet = consoles(int(sys.argv[2]))
    sessions = open_register(Path(sys.argv[1]))
    print("begun", flush=True)
    for moment in (Moment.FIRST, Moment.CHANGED):
        sync(sessions, [console.at(moment) for console in fleet])
    peak = re.search(
        r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii")
    )  # rusage tells of the parent too
    print(peak[1] if peak else 0)
