"""The invented city: units, people, devices, papers. The same seed and the same moment give the same city."""

from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from devreg.demo.chromebooks import Console, make_consoles
from devreg.demo.dirt import soil_consoles, soil_managed
from devreg.demo.holders import leaving
from devreg.demo.invent import Dice, share_out
from devreg.demo.managed import Managed, make_managed
from devreg.demo.names import UNITS
from devreg.demo.network import Equipment, make_network, plug_in
from devreg.demo.papers import Lease, Purchase, make_leases, make_purchases
from devreg.demo.people import Person, make_people
from devreg.demo.phones import connected, lead_astray, with_states, without_paper
from devreg.demo.plan import FLEET, SIZE
from devreg.domain.device import Stage


class Unit(msgspec.Struct, frozen=True):
    """A school, day-care centre or office."""

    id: str
    name_fi: str
    name_sv: str
    kind: str
    language: str
    campus: str | None


class Headcount(msgspec.Struct, frozen=True):
    """Pupils of a unit's stage on the counting day; a unit that sent nothing has no row."""

    unit: str
    stage: Stage
    day: date
    pupils: int
    groups: int | None


class City(msgspec.Struct, frozen=True):
    """Everything the stand-ins serve and the sheets say."""

    seed: int
    now: datetime
    units: tuple[Unit, ...]
    headcounts: tuple[Headcount, ...]
    people: tuple[Person, ...]
    managed: tuple[Managed, ...]
    """Records in Intune; a re-enrolled device has two."""
    consoles: tuple[Console, ...]
    network: tuple[Equipment, ...]
    purchases: tuple[Purchase, ...]
    leases: tuple[Lease, ...]
    devices: int
    """Physical devices, however many records each has."""


SMALLEST: Final = 200


def build(devices: int = SIZE, seed: int = 2026, *, now: datetime) -> City:
    """The city with about `devices` devices; pupils and people scale along. Raises ValueError below 200 devices."""
    if devices < SMALLEST:
        raise ValueError(f"a city of {devices} devices is too small to be one; ask for {SMALLEST} or more")
    now = now.replace(microsecond=0)
    scale = devices / SIZE
    network = make_network(Dice(seed, "network"))
    counts = share_out(devices - sum(len(item.members) for item in network), FLEET)
    people = make_people(Dice(seed, "people"), scale)
    managed = make_managed(Dice(seed, "managed"), counts, people, now)
    consoles = make_consoles(Dice(seed, "chromebooks"), counts, people, now)
    enrolled = connected(Dice(seed, "connected"), lead_astray(managed), consoles[0])
    return City(
        seed=seed,
        now=now,
        units=tuple(Unit(u.id, u.name_fi, u.name_sv, u.kind, u.language, u.campus) for u in UNITS),
        headcounts=_headcounts(scale, now.date()),
        people=leaving(people, enrolled, now.date()),
        managed=soil_managed(Dice(seed, "dirt"), enrolled, now),
        consoles=soil_consoles(consoles),
        network=plug_in(network, [item.ethernet_mac for item in managed if item.ethernet_mac]),
        purchases=with_states(managed, make_purchases(Dice(seed, "purchases"), managed, consoles, now)),
        leases=without_paper(managed, make_leases(Dice(seed, "leases"), managed, now)),
        devices=devices,
    )


def _headcounts(scale: float, today: date) -> tuple[Headcount, ...]:
    """Numbers of the latest 20 September, Finland's school statistics day."""
    day = date(today.year, 9, 20)
    if day > today - timedelta(days=1):
        day = date(today.year - 1, 9, 20)
    return tuple(
        Headcount(unit.id, stage, day, max(1, round(pupils * scale)), unit.groups)
        for unit in UNITS
        if unit.counted
        for stage, pupils in unit.pupils.items()
    )
