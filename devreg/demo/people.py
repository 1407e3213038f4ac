"""Invented staff and pupils."""

from datetime import date
from typing import Final

import msgspec

from devreg.demo.invent import Dice
from devreg.demo.names import CITY_DOMAIN, FAMILY_FI, FAMILY_SV, GIVEN_FI, GIVEN_SV, SCHOOL_DOMAIN, UNITS, UnitFacts
from devreg.domain.device import Stage


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: str
    given: str
    family: str
    address: str
    """Sign-in name and mail address, lower case."""
    unit: str
    department: str
    """As the personnel system writes the unit."""
    title: str
    mobile: str | None
    employee_id: str | None
    pupil: bool
    enabled: bool = True
    leaves: date | None = None
    """The last day, as the personnel system tells Entra."""

    @property
    def name(self) -> str:
        """As shown in address books."""
        return f"{self.given} {self.family}"


_STAFF: Final = {
    "mantymaki": 42, "kasavuori": 36, "lukio": 32, "granhult": 40, "hagelstamska": 31, "samskola": 27, "sansinpelto": 16,
    "pikku-akatemia": 9, "sprakbad": 10, "kasaberget": 9, "grankotten": 7, "kaupungintalo": 96, "koti-hoiva": 110,
    "kirjasto": 12, "digilab": 3, "it": 14,
}  # fmt: skip
_TITLES: Final = {
    "school": "opettaja",
    "daycare": "varhaiskasvatuksen opettaja",
    "office": "asiantuntija",
    "library": "kirjastonhoitaja",
}
_WITH_ACCOUNTS: Final = (Stage.GRADES_3_6, Stage.GRADES_7_9, Stage.UPPER_SECONDARY)


def make_people(dice: Dice, scale: float) -> tuple[Person, ...]:
    """Staff of all units, then pupils old enough for an account; sign-in names are unique."""
    taken: dict[str, int] = {}
    staff = [
        _person(dice, unit, taken, pupil=False) for unit in UNITS for _ in range(max(1, round(_STAFF[unit.id] * scale)))
    ]
    pupils = [
        _person(dice, unit, taken, pupil=True)
        for unit in UNITS
        for stage, number in unit.pupils.items()
        if stage in _WITH_ACCOUNTS
        for _ in range(max(1, round(number * scale)))
    ]
    leavers = {person.id for person in staff[:: max(2, len(staff) // 7)]}
    return tuple(
        msgspec.structs.replace(person, enabled=False) if person.id in leavers else person
        for person in [*staff, *pupils]
    )


def _person(dice: Dice, unit: UnitFacts, taken: dict[str, int], *, pupil: bool) -> Person:
    swedish = unit.language == "sv"
    given = dice.choice(GIVEN_SV if swedish else GIVEN_FI)
    family = dice.choice(FAMILY_SV if swedish else FAMILY_FI)
    return Person(
        id=dice.guid(),
        given=given,
        family=family,
        address=f"{_unique(given, family, taken)}@{_domain(unit, pupil)}",
        unit=unit.id,
        department=unit.name_sv if swedish else unit.name_fi,
        title="" if pupil else _TITLES.get(unit.kind, "ohjaaja"),
        mobile=None if pupil else f"+3585000{dice.digits(5)}",
        employee_id=None if pupil else dice.digits(6),
        pupil=pupil,
    )


def _domain(unit: UnitFacts, pupil: bool) -> str:
    return SCHOOL_DOMAIN if pupil and unit.language == "sv" else CITY_DOMAIN


def _unique(given: str, family: str, taken: dict[str, int]) -> str:
    plain = f"{given}.{family}".lower().translate(str.maketrans("åäö", "aao"))
    taken[plain] = taken.get(plain, 0) + 1
    return plain if taken[plain] == 1 else f"{plain}{taken[plain]}"
