"""Network devices over SNMP: targets probed, tables walked, vendors' rules applied, one record a physical device.

Belongs here: the wire (`datagrams`, `community`, `usm`), the walk and its limits, MIB names, vendors as data, the mapping to records.
Does not: the forwarding tables and load (jobs of their own), the database, anything that writes to a device.
"""

from collectors.snmp.collector import SnmpCollector
from collectors.snmp.options import SnmpOptions

__all__ = ["SnmpCollector", "SnmpOptions"]
