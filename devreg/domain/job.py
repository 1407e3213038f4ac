"""What a source of network devices does, each at its own pace. Source: contracts/snmp.md "Discovery and polling are two jobs"."""

from enum import StrEnum


class Job(StrEnum):
    """One of the things that a source does at intervals of their own."""

    PROBE = "probe"
    """Which addresses answer, and to which credentials."""
    INVENTORY = "inventory"
    """Which devices there are, and what they are: the only one that can miss a device."""
    LOCATION = "location"
    """Who is next to whom, and which MAC address was seen on which port."""
    LOAD = "load"
    """Counters of the ports."""

    @property
    def lists_devices(self) -> bool:
        """Whether a run of it tells that a device is not there any more."""
        return self is Job.INVENTORY
