"""The counters of a device's ports, 64 bits where the row has them. Source: IF-MIB, RFC 2863; contracts/snmp.md "Rates"."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from collectors.snmp import mibs, reading
from collectors.snmp.agent import Agent
from collectors.snmp.ports import named_ports
from collectors.snmp.reading import Interface
from collectors.snmp.walk import walk
from collectors.snmp.wire import Oid, Value
from devreg.domain.load import Counters, Load
from devreg.i18n import N_

_IF: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IF_X: Final[Oid] = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_UP_TIME: Final[Oid] = mibs.SYSTEM["up_time"][:-1]
COLUMNS: Final = {
    "up_time": _UP_TIME,
    **{
        name: (*_IF, arc)
        for name, arc in {
            "in": 10, "in_discards": 13, "in_errors": 14, "out": 16, "out_discards": 19, "out_errors": 20,
        }.items()
    },
    "wide_in": (*_IF_X, 6), "wide_out": (*_IF_X, 10), "discontinuity": (*_IF_X, 19),
    "descr": mibs.INTERFACES["descr"], "name": mibs.INTERFACES["name"],
}  # fmt: skip
"""sysUpTime stands first, so that it comes with the first counters in one answer. The names stand last: where an agent can say only
few columns at once, they are read after the counters, and the ports' own names were read before."""
_LARGEST: Final = 2**63 - 1
"""What the register can keep; no counter of a real port comes near."""


async def read_load(
    agent: Agent, part: str, interfaces: Sequence[Interface], asked_up_time: int | None
) -> tuple[Load | None, str | None]:
    """The counters, and why they are not whole if they aren't; None when the device restarted since the names of its ports were read,
    because ifIndex may be another's now. So may it be of a port that is called something else now. Raises Lost.
    """
    table = await walk(agent, list(COLUMNS.values()))
    at = datetime.now(UTC)
    up_time = _kept(table.rows.get((0,), {}).get(_UP_TIME))
    if asked_up_time is not None and up_time is not None and up_time < asked_up_time:
        return None, N_("it restarted while it was read")
    found: list[Counters] = []
    renumbered = 0
    for port, interface in zip(named_ports(interfaces), interfaces, strict=True):
        row = table.rows.get((interface.index,), {})
        counters = _counters(str(port["name"]), row, port["oper"])
        if counters is not None and _is_still(interface, row):
            found.append(counters)
        else:
            renumbered += counters is not None
    why = N_(f"{renumbered} ports were called something else before") if renumbered else None
    return Load(part, at, up_time, tuple(found)), table.gap or why


def _is_still(interface: Interface, row: Mapping[Oid, Value]) -> bool:
    """Whether the row is that of the port which had this ifIndex when the names were read."""
    return all(reading.text(row.get(COLUMNS[field])) == getattr(interface, field) for field in ("name", "descr"))


def _counters(name: str, row: Mapping[Oid, Value], oper: str | None) -> Counters | None:
    """None for a row without octets in either direction. Wide ones count only in pairs: half of each would be no time base."""
    at = {field: _kept(row.get(oid)) for field, oid in COLUMNS.items()}
    is_wide = at["wide_in"] is not None and at["wide_out"] is not None
    octets = (at["wide_in"], at["wide_out"]) if is_wide else (at["in"], at["out"])
    if octets == (None, None):
        return None
    return Counters(
        port=name,
        in_octets=octets[0],
        out_octets=octets[1],
        in_errors=at["in_errors"],
        out_errors=at["out_errors"],
        in_discards=at["in_discards"],
        out_discards=at["out_discards"],
        is_wide=is_wide,
        discontinuity=at["discontinuity"],
        oper=oper,
    )


def _kept(value: Value) -> int | None:
    said = reading.number(value)
    return said if said is not None and 0 <= said <= _LARGEST else None
