"""One inventory over SNMP in a process of its own: `python -m benchmarks.scanning FOLDER PORT…` prints its peak memory in kB."""

import re
import sys
from pathlib import Path
from typing import Final

from collectors.snmp import SnmpCollector, SnmpOptions
from devreg.domain.job import Job
from devreg.settings import Loaded, Settings

COMMUNITY: Final = "benchmark"
_CREDENTIALS: Final = {"bench": {"version": "2c", "community": {"file": "community"}}}


def _scan(folder: Path, ports: list[str]) -> int:
    ranges = [{"targets": [f"127.0.0.1:{port}" for port in ports], "credentials": ["bench"]}]
    options = SnmpOptions.model_validate({"kind": "snmp", "ranges": ranges, "rate": 5_000, "timeout_s": 20})
    loaded = Loaded(Settings.model_validate({"snmp": _CREDENTIALS}), folder / "devreg.toml")
    pages = SnmpCollector("network", options, loaded).pages_of(Job.INVENTORY, {})
    return sum(len(page.records) for page in pages)


if __name__ == "__main__":
    wanted = sys.argv[2:]
    found = _scan(Path(sys.argv[1]), wanted)
    if found != len(wanted):
        sys.exit(f"{found} of {len(wanted)} devices were read")
    # ru_maxrss would count what this process was before it became this program: a copy of the benchmark
    print(*re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()))
