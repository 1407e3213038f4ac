"""Chromebooks in three Google consoles: the city's, the Swedish schools', and an old one nobody cleared."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from devreg.demo.invent import Dice
from devreg.demo.names import CITY_DOMAIN, SCHOOL_DOMAIN
from devreg.demo.people import Person
from devreg.demo.plan import Family, Place
from devreg.domain.device import Stage


class Model(msgspec.Struct, frozen=True):
    """A Chromebook model; the update promise is told in years from the city's present."""

    name: str
    board: str
    cpu: str
    memory: int
    disk: int
    aue_years: int


class OrgUnit(msgspec.Struct, frozen=True):
    """An organisational unit. `id` is without Google's `id:` prefix."""

    id: str
    path: str

    @property
    def parent(self) -> str:
        """Path of the unit above; "/" at the top."""
        return self.path.rpartition("/")[0] or "/"


class Chromebook(msgspec.Struct, frozen=True, kw_only=True):
    """One record in one console; the same serial may have one in another."""

    device_id: str
    place: Place
    serial: str
    status: str
    org_unit: OrgUnit
    model: Model
    aue: date | None
    annotated_user: str | None = None
    annotated_location: str | None = None
    asset_id: str | None = None
    notes: str | None = None
    mac: str
    os_version: str
    recent: tuple[str | None, ...] = ()
    """Newest first; None is a user this console does not manage."""
    enrolled_first: datetime | None
    enrolled_last: datetime
    synced_at: datetime
    deprovision_reason: str | None = None
    deprovisioned_at: datetime | None = None
    address: str | None = None


class Console(msgspec.Struct, frozen=True):
    """One Google Workspace customer."""

    source: str
    """Name of its source in devreg.toml."""
    customer_id: str
    domain: str
    subject: str
    org_units: tuple[OrgUnit, ...]
    chromebooks: tuple[Chromebook, ...]
    users: tuple[Person, ...]


MODELS: Final = (
    Model("Lenovo 300e Yoga Chromebook Gen 4", "steelix", "MediaTek MT8186", 4063973376, 62537072640, 7),
    Model("HP Chromebook 11 G9 EE", "dedede", "Intel(R) Celeron(R) N4500 @ 1.10GHz", 4036612096, 31268536320, 4),
    Model("Acer Chromebook Spin 511 (R756T)", "nissa", "Intel(R) N100", 8205266944, 62537072640, 8),
    Model("Acer Chromebook 311 (C733)", "octopus", "Intel(R) Celeron(R) N4020 CPU @ 1.10GHz", 4025917440, 31268536320, -1),
)  # fmt: skip
_SERIALS: Final = ("PF3", "5CD", "NXK", "NXGL4ED")
_BY_UNIT: Final[dict[str, tuple[int, ...]]] = {
    "hagelstamska": (40, 25, 5, 30),
    "granhult": (40, 40, 14, 6),
    "it": (0, 10, 0, 90),
}
_MIX: Final = (50, 30, 17, 3)
CHROME: Final = (
    ("142.0.7444.181", "16433.61.0"), ("140.0.7339.242", "16371.63.0"), ("138.0.7204.296", "16295.83.0"),
)  # fmt: skip

PATHS: Final[dict[str, dict[tuple[str, Stage | None], str]]] = {
    "chrome-city": {
        ("mantymaki", Stage.GRADES_3_6): "/Koulut/Mäntymäki/3-6",
        ("kasavuori", Stage.GRADES_7_9): "/Koulut/Kasavuori/7-9",
        ("digilab", None): "/DigiLab",
        ("kirjasto", None): "/Kirjasto",
    },
    "chrome-swedish": {
        ("granhult", Stage.GRADES_3_6): "/Skolor/Granhult/3-6",
        ("hagelstamska", Stage.GRADES_7_9): "/Skolor/Hagelstamska/7-9",
        ("samskola", Stage.UPPER_SECONDARY): "/Skolor/Samskolan",
    },
    "chrome-old": {("it", None): "/Koulut/7-9"},
}
"""Where each console keeps a unit's devices. The old console's "/Koulut/7-9" is nobody's any more."""
_EXTRA_PATHS: Final = {
    "chrome-city": (
        "/Koulut",
        "/Koulut/Mäntymäki",
        "/Koulut/Mäntymäki/3-6/Lainakärry",
        "/Koulut/Kasavuori",
        "/Henkilöstö",
    ),
    "chrome-swedish": ("/Skolor", "/Skolor/Granhult", "/Skolor/Hagelstamska", "/Personal"),
    "chrome-old": ("/Koulut",),
}


def make_consoles(
    dice: Dice, counts: Mapping[Place, int], people: Sequence[Person], now: datetime
) -> tuple[Console, ...]:
    """The three consoles with every Chromebook of the plan, moved ones in two of them."""
    units = {source: _org_units(dice, source) for source in PATHS}
    books: dict[str, list[Chromebook]] = {source: [] for source in PATHS}
    for place, count in counts.items():
        if place.family is not Family.CHROMEBOOK:
            continue
        source, path = next((s, p[key]) for s, p in PATHS.items() if (key := (place.unit, place.stage)) in p)
        hands = [person for person in people if person.pupil and person.unit == place.unit]
        for number in range(count):
            org_unit = units[source][path + "/Lainakärry" if place.unit == "mantymaki" and number % 25 == 0 else path]
            holder = hands[number % len(hands)] if hands else None
            books[source].append(_chromebook(dice, place, org_unit, number, holder, now))
    books["chrome-old"] = [_deprovisioned(dice, book, "RETIRING_DEVICE", now) for book in books["chrome-old"]]
    books["chrome-old"] += _left_behind(dice, books, units["chrome-old"]["/Koulut/7-9"], now)
    domains = {"chrome-city": ("C01kaup1a", CITY_DOMAIN), "chrome-swedish": ("C02skol2b", SCHOOL_DOMAIN)}
    return tuple(
        _console(
            source, *domains.get(source, ("C03vanh3c", f"vanha.{CITY_DOMAIN}")), units[source], books[source], people
        )
        for source in PATHS
    )


def _console(
    source: str,
    customer_id: str,
    domain: str,
    units: Mapping[str, OrgUnit],
    books: Sequence[Chromebook],
    people: Sequence[Person],
) -> Console:
    users = tuple(person for person in people if person.pupil and person.address.endswith(f"@{domain}"))
    return Console(source, customer_id, domain, f"registry@{domain}", tuple(units.values()), tuple(books), users)


def _org_units(dice: Dice, source: str) -> dict[str, OrgUnit]:
    paths = sorted({*PATHS[source].values(), *_EXTRA_PATHS[source]})
    return {path: OrgUnit("03ph" + dice.code(11).lower(), path) for path in paths}


def _chromebook(
    dice: Dice, place: Place, org_unit: OrgUnit, number: int, holder: Person | None, now: datetime
) -> Chromebook:
    index = dice.choices(range(len(MODELS)), weights=_BY_UNIT.get(place.unit, _MIX))[0]
    model = MODELS[index]
    first = dice.before(now, timedelta(days=200), timedelta(days=1700))
    anew = dice.before(now, timedelta(days=30), timedelta(days=190))
    lost, silent = number % 90 == 44, dice.random() < 0.06
    managed_user = (holder.address,) if holder else ()
    return Chromebook(
        device_id=dice.guid(),
        place=place,
        serial=_SERIALS[index] + dice.code(6),
        status="DISABLED" if lost else "ACTIVE",
        org_unit=org_unit,
        model=model,
        aue=date(now.year + model.aue_years, 6, 30),
        annotated_user=f"{4 + number % 6}{'AB'[number % 2]}-{number % 28:02d}" if dice.random() < 0.7 else None,
        annotated_location=f"{place.unit} / {number % 12}" if dice.random() < 0.5 else None,
        asset_id=f"KB-{dice.digits(6)}",
        notes=f"Kadonnut {now:%d.%m.%Y}" if lost else ("" if number % 3 else None),
        mac=dice.mac("9c2a83"),
        os_version=dice.choice(CHROME)[0],
        # Without user reporting in its unit a device names nobody.
        recent=() if number % 13 == 6 else (*managed_user, None) if number % 5 == 0 else managed_user,
        enrolled_first=first,
        enrolled_last=first if number % 4 else anew,
        synced_at=dice.before(now, timedelta(days=101), timedelta(days=134))
        if silent
        else dice.before(now, timedelta(minutes=9), timedelta(days=5)),
        address=f"10.44.{number % 8}.{1 + number % 250}",
    )


def _deprovisioned(dice: Dice, book: Chromebook, reason: str, now: datetime) -> Chromebook:
    gone = dice.before(now, timedelta(days=150), timedelta(days=400))
    return msgspec.structs.replace(
        book,
        status="DEPROVISIONED",
        deprovision_reason=f"DEPROVISION_REASON_{reason}",
        deprovisioned_at=gone,
        synced_at=gone - timedelta(days=1),
        enrolled_last=gone - timedelta(days=900),
        enrolled_first=gone - timedelta(days=900),
        recent=(),
        annotated_user="",
    )


def _left_behind(
    dice: Dice, books: Mapping[str, list[Chromebook]], org_unit: OrgUnit, now: datetime
) -> list[Chromebook]:
    """Records of Chromebooks that moved on to another console: most deprovisioned, every eighth still live in both."""
    moved = [*books["chrome-city"][::18], *books["chrome-swedish"][::18]]
    left = []
    for number, book in enumerate(moved):
        here = msgspec.structs.replace(
            book, device_id=dice.guid(), org_unit=org_unit, enrolled_last=book.enrolled_last - timedelta(days=700)
        )
        if number % 8 == 5:
            left.append(
                msgspec.structs.replace(
                    here, status="ACTIVE", synced_at=book.synced_at - timedelta(days=40), recent=(None,)
                )
            )
        else:
            left.append(_deprovisioned(dice, here, "DOMAIN_MOVE", now))
    return left
