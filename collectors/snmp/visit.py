"""One visit to one agent: which tables are asked for, in which order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from collectors.snmp import around, mibs, reading
from collectors.snmp.agent import Agent, Lost, Restarted, Spent
from collectors.snmp.counters import read_load
from collectors.snmp.gauges import METERS
from collectors.snmp.reading import Learnt, Reading, Remote
from collectors.snmp.tables import MemberTable
from collectors.snmp.vendors import Rules, Vendor
from collectors.snmp.walk import NO_ANSWER, Table, walk
from collectors.snmp.wire import AgentError, CredentialRefused, Oid, Pdu, Question, Silent, Value
from devreg.domain.job import Job
from devreg.i18n import N_

_COUNTERS: Final = N_("port counters")
_UP_TIME: Final = mibs.SYSTEM["up_time"]
IDENTITY: Final = tuple(mibs.SYSTEM.values())
"""The probe: one GET that every agent can answer."""


async def read(
    agent: Agent, address: str, ip: str, system: Mapping[Oid, Value], rules: Rules, job: Job | None = None
) -> Reading:
    """What the job wants, or all jobs, from the agent that answered the probe with `system`. Raises Lost when it falls silent midway,
    and Restarted when it began anew.

    No table waits for a guess of what the device is: the agent is asked whether it is there.
    """
    at = {name: system.get(oid) for name, oid in mibs.SYSTEM.items()}
    object_id = at["object_id"] if isinstance(at["object_id"], tuple) else ()
    found = Reading(
        address=address,
        ip=ip,
        object_id=reading.dotted(object_id) or None,
        descr=reading.text(at["descr"]),
        name=reading.text(at["name"]),
        location=reading.text(at["location"]),
        services=reading.number(at["services"]),
        up_time=reading.number(at["up_time"]),
        is_inventory=job in {None, Job.INVENTORY},
    )
    visit = _Visit(agent, found)
    await visit.interfaces()  # by every job: a port is its name, and ifIndex may be another's since the last time
    if found.is_inventory:
        await visit.base()
        await visit.entities()
        await visit.printer()
        await visit.vendor(rules.to_ask(object_id))
        await visit.points(rules)
        await visit.gauges()
    if job in {None, Job.LOCATION}:
        await visit.neighbours()
        await visit.stations()
    if job in {None, Job.LOAD}:
        await visit.load()
    if job is not Job.LOAD:  # whose counters bring it
        await visit.same_boot()
    found.gaps = tuple(visit.gaps)
    return found


class _Visit:
    def __init__(self, agent: Agent, found: Reading) -> None:
        self._agent = agent
        self._found = found
        self.gaps: list[str] = []
        self._ports: dict[int, int] | None = None

    async def base(self) -> None:
        """Base MAC and UPS identity."""
        values = await self._scalars(
            N_("the device's identity"), [*mibs.BASE_MAC.values(), mibs.ENGINE_ID, *mibs.UPS.values()]
        )
        at = {name: values.get(oid) for name, oid in mibs.BASE_MAC.items()}
        bridge = reading.mac(at["bridge"])
        self._found.is_bridge = bridge is not None
        lldp = reading.mac(at["lldp_chassis"]) if at["lldp_subtype"] == mibs.LLDP_MAC_SUBTYPE else None
        self._found.base_mac = bridge or lldp
        self._found.engine_id = reading.lasting_engine_id(values.get(mibs.ENGINE_ID))
        ups = {name: reading.text(values.get(oid)) for name, oid in mibs.UPS.items()}
        self._found.ups = {name: value for name, value in ups.items() if value}

    async def interfaces(self) -> None:
        """Ports."""
        table = await self._table(N_("network ports"), list(mibs.INTERFACES.values()))
        self._found.interfaces = tuple(
            reading.interface(index[0], row) for index, row in sorted(table.rows.items()) if len(index) == 1
        )

    async def load(self) -> None:
        """Counters of the ports."""
        self._found.load, gap = await read_load(
            self._agent, self._found.address, self._found.interfaces, self._found.up_time
        )
        if gap and self._found.is_inventory:
            self._found.blurred += (f"{_COUNTERS}: {gap}",)
        elif gap:
            self.gaps.append(f"{_COUNTERS}: {gap}")

    async def same_boot(self) -> None:
        """Raises Restarted when sysUpTime is less than at first. It comes to its end after 497 days: one visit is then made in vain."""
        up_time = reading.number((await self._scalars(N_("the system's data"), [_UP_TIME])).get(_UP_TIME))
        if up_time is not None and self._found.up_time is not None and up_time < self._found.up_time:
            raise Restarted

    async def entities(self) -> None:
        """Physical parts, and where there are several chassis, which of them a port is on."""
        table = await self._table(N_("hardware parts"), list(mibs.ENTITIES.values()))
        rows = [reading.entity(index[0], row) for index, row in sorted(table.rows.items()) if len(index) == 1]
        self._found.entities = tuple(rows)
        if sum(row.kind in {mibs.CHASSIS, mibs.STACK} for row in rows) > 1:
            links = await self._table(N_("ports of hardware parts"), [mibs.ENTITY_PORT])
            self._found.entity_ports = tuple(
                (index[0], value[-1])
                for index, row in sorted(links.rows.items())
                if isinstance(value := row[mibs.ENTITY_PORT], tuple) and value[:-1] == mibs.IF_INDEX
            )

    async def printer(self) -> None:
        """Serial number and page count of a printer, and what it calls itself."""
        table = await self._table(N_("printer's data"), list(mibs.PRINTERS.values()))
        self._found.is_printer = bool(table.rows)
        self._found.printer_serial = reading.text(_first(table, mibs.PRINTERS["serial"]))
        self._found.printer_name = reading.text(_first(table, mibs.PRINTERS["printer_name"]))
        self._found.page_count = reading.number(_first(table, mibs.PRINTERS["page_count"]))
        self._found.printer_device = await self._printer_device()

    async def _printer_device(self) -> str | None:
        """hrDeviceDescr of the printer itself. A computer lists the printers it knows: its answer counts with a Printer-MIB only."""
        devices = (await self._table(N_("devices of the host"), list(mibs.HOST_DEVICES.values()))).rows.values()
        printers = [row for row in devices if row.get(mibs.HOST_DEVICES["type"]) == mibs.PRINTER_DEVICE]
        if not self._found.is_printer and len(devices) > 1:
            return None
        said = (reading.text(row.get(mibs.HOST_DEVICES["descr"])) for row in (*printers, *devices))
        return next((text for text in said if text), None)

    async def vendor(self, vendors: Iterable[Vendor]) -> None:
        """What only the vendor's own tree says."""
        for vendor in vendors:
            fields = await self._vendor_fields(vendor)
            if fields and not self._found.vendor:
                self._found.vendor, self._found.vendor_rule = fields, vendor.key
            for members in vendor.members:
                self._found.members += await self._members(members)

    async def points(self, rules: Rules) -> None:
        """Access points behind it; the tables are asked of every device, since no number tells a controller surely."""
        tables = list(rules.point_tables())
        there = await self._firsts(N_("access points"), [table.columns["name"] for _, table in tables])
        for vendor, table in tables:
            if table.columns["name"] in there:
                rows = (await self._table(table.name, list(table.columns.values()))).rows
                self._found.points += tuple(table.point(vendor.name, index, row) for index, row in sorted(rows.items()))

    async def gauges(self) -> None:
        """What it measures of itself."""
        for meter in METERS:
            rows = (await self._table(meter.name, list(meter.columns.values()))).rows
            self._found.gauges += tuple(meter.read(rows))

    async def neighbours(self) -> None:
        """What LLDP and CDP heard on each port."""
        told: list[str] = []
        lldp = await self._table("LLDP", list(around.LLDP.values()), told)
        found: list[Remote] = []
        if lldp.rows:
            addresses = await self._table(N_("LLDP addresses"), [around.LLDP_ADDRESSES], told)
            own = await self._table(N_("LLDP ports"), list(around.LOCAL_PORTS.values()), told)
            ports = await self._bridge_ports(told)
            found += around.lldp_neighbours(lldp, addresses, own, self._found.interfaces, ports)
        else:
            newer = await self._table("LLDP", list(around.LLDP_V2.values()), told)
            found += around.lldp_v2_neighbours(newer, self._found.interfaces)
        cdp = await self._table("CDP", list(around.CDP.values()), told)
        found += around.cdp_neighbours(cdp, self._found.interfaces)
        self._found.remotes = None if told else tuple(found)
        self._found.blurred += tuple(told)

    async def stations(self) -> None:
        """Which address was learnt on which port; by VLAN where the switch tells them apart."""
        told: list[str] = []
        by_vlan = await self._table(N_("forwarding table"), list(around.Q_FDB.values()), told)
        plain = by_vlan if by_vlan.rows else await self._table(N_("forwarding table"), list(around.FDB.values()), told)
        found: list[Learnt] = []
        if not by_vlan.rows:
            found += await self._stations_apart(told)
        if by_vlan.rows or plain.rows:
            ports = await self._bridge_ports(told)
            vlans = around.vlans(await self._table("VLANs", [around.VLAN_FDB], told)) if by_vlan.rows else {}
            found += around.learnt(by_vlan, plain, ports, vlans)
        self._found.learnt = tuple(found)
        if told:
            self._found.learnt = None
            self._found.blurred += tuple(told)

    async def _stations_apart(self, told: list[str]) -> list[Learnt]:
        """Addresses that a switch of Cisco's tells only VLAN by VLAN. One that knows no such question answers none of them."""
        vtp = await self._table("VLANs", [around.VTP_VLANS], told)
        members = await self._table(N_("VLANs of ports"), [around.PORT_VLANS], told) if vtp.rows else vtp
        found: list[Learnt] = []
        for vlan in around.vlans_apart(vtp, members):
            agent = self._agent.of_vlan(vlan)
            if not await _answers(agent):
                break
            ports = around.bridge_ports(await walk(agent, [around.BRIDGE_PORTS]))
            table = await walk(agent, list(around.FDB.values()))
            if table.gap:
                told.append(N_(f"forwarding table of VLAN {vlan}: {table.gap}"))
            found += around.learnt(Table(), table, ports, {}, vlan)
        return found

    async def _bridge_ports(self, told: list[str]) -> dict[int, int]:
        if self._ports is None:
            self._ports = around.bridge_ports(await self._table(N_("bridge ports"), [around.BRIDGE_PORTS], told))
        return self._ports

    async def _vendor_fields(self, vendor: Vendor) -> dict[str, str]:
        values = await self._scalars(vendor.name, [rule.oid for rule in vendor.rules if not rule.column])
        columns = [rule.oid for rule in vendor.rules if rule.column]
        values |= await self._firsts(vendor.name, columns)
        fields: dict[str, str] = {}
        for rule in vendor.rules:
            value = values.get(rule.oid)
            said = reading.mac(value) if rule.field == "mac" else reading.text(value)
            if said and rule.field not in fields:
                fields[rule.field] = said
        return fields

    async def _members(self, table: MemberTable) -> tuple[reading.Member, ...]:
        rows = (await self._table(table.name, list(table.columns.values()))).rows
        return tuple(table.member(index, row) for index, row in sorted(rows.items()))

    async def _table(self, name: str, columns: Sequence[Oid], told: list[str] | None = None) -> Table:
        """The table; a gap is told among those of the inventory unless another list is given."""
        table = await walk(self._agent, columns)
        if table.gap:
            (self.gaps if told is None else told).append(f"{name}: {table.gap}")
        return table

    async def _scalars(self, name: str, oids: Sequence[Oid]) -> dict[Oid, Value]:
        try:
            return await self._agent.get(oids)
        except Silent:
            return await self._gap(name, NO_ANSWER)
        except Spent as spent:
            return await self._gap(name, str(spent))

    async def _firsts(self, name: str, columns: Sequence[Oid]) -> dict[Oid, Value]:
        """The first value of each column that has one."""
        if not columns:
            return {}
        try:
            answer = await self._agent.ask(Question(Pdu.NEXT, tuple(columns)))
        except AgentError:
            return {}
        except Silent:
            return await self._gap(name, NO_ANSWER)
        except Spent as spent:
            return await self._gap(name, str(spent))
        return {
            column: value
            for column, (oid, value) in zip(columns, answer, strict=False)
            if oid[: len(column)] == column and oid != column
        }

    async def _gap(self, name: str, why: str) -> dict[Oid, Value]:
        if not await self._alive():
            raise Lost
        self.gaps.append(f"{name}: {why}")
        return {}

    async def _alive(self) -> bool:
        try:
            return await self._agent.is_alive()
        except Spent:
            return True


async def _answers(agent: Agent) -> bool:
    try:
        return await agent.is_alive()
    except CredentialRefused:
        return False


def _first(table: Table, column: Oid) -> Value:
    return next((row[column] for row in table.rows.values() if column in row and reading.text(row[column])), None)
