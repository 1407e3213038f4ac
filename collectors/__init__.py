"""Sources of facts: each module reads one outside world and yields pages of records.

Belongs here: fetching, paging, retries, and the pure mapping from a record to an observation.
Does not: the database, other collectors, screens, and (outside `collectors.actions`) anything that changes a device.
A new source is one file here, one line in REGISTRY, and payloads in tests/payloads/<kind>/.
"""

from typing import Final

REGISTRY: Final[dict[str, str]] = {
    "google": "collectors.google:GoogleCollector",
    "intune": "collectors.intune:IntuneCollector",
    "sheet": "collectors.sheet:SheetCollector",
    "snmp": "collectors.snmp:SnmpCollector",
}
"""Kind in devreg.toml -> "module:Class". Imported only when used, so that no command pays for every client library."""

READERS: Final[dict[str, str]] = {
    "google": "collectors.google_follow:GoogleReader",
    "intune": "collectors.intune_follow:IntuneReader",
}
"""Kind -> "module:Class" of what follows remote actions, with the collector's credential; takes what a collector takes."""
