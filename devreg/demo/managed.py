"""Laptops, tablets and phones as Intune knows them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from devreg.demo.invent import Dice
from devreg.demo.people import Person
from devreg.demo.plan import Family, Place
from devreg.domain.device import Stage, Use


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """One enrolment in Intune, with what is true about the device beside it."""

    id: str
    place: Place
    """Where it really is; the source only hints at it."""
    person: Person | None
    upn: str
    name: str
    serial: str
    imei: str = ""
    meid: str = ""
    iccid: str | None = None
    udid: str | None = None
    phone_number: str = ""
    carrier: str = ""
    wifi_mac: str
    ethernet_mac: str | None = None
    manufacturer: str
    model: str
    os: str
    os_version: str
    owner: str = "company"
    state: str = "managed"
    compliance: str = "compliant"
    agent: str = "mdm"
    enrollment: str
    category: str = ""
    entra_id: str
    supervised: bool = False
    patch_level: str = ""
    storage: int
    memory: int = 0
    enrolled_at: datetime | None
    synced_at: datetime | None
    notes: str | None = None
    enrolled: bool = True
    """False: bought, never enrolled; only papers know it."""


CATEGORIES: Final[dict[tuple[str, Stage], str]] = {
    ("lukio", Stage.UPPER_SECONDARY): "Oppilas Lukio",
    ("samskola", Stage.UPPER_SECONDARY): "Studerande Samskola",
    ("mantymaki", Stage.GRADES_1_2): "iPad Mäntymäki 1-2",
    ("granhult", Stage.GRADES_1_2): "iPad Granhult 1-2",
    ("granhult", Stage.PRE_PRIMARY): "iPad Granhult förskola",
    ("sansinpelto", Stage.ECE): "iPad Sansinpelto",
    ("sansinpelto", Stage.PRE_PRIMARY): "iPad Sansinpelto esiopetus",
    ("pikku-akatemia", Stage.ECE): "iPad Pikku Akatemia",
    ("sprakbad", Stage.ECE): "iPad Språkbad",
    ("kasaberget", Stage.ECE): "iPad Kasaberget",
    ("grankotten", Stage.ECE): "iPad Grankotten",
}
"""Device categories of pupil devices; the settings map them back to unit and stage."""

_GIB: Final = 1024**3
_LAPTOPS: Final = (
    ("LENOVO", "21HES0EX00", "PF", "f4c88a", 16), ("LENOVO", "20WNS0EX00", "PF", "f4c88a", 8),
    ("HP", "HP ProBook 445 G9 Notebook PC", "5CD", "e4a7a0", 8), ("Dell Inc.", "Latitude 3440", "", "a4bb6d", 16),
)  # fmt: skip
_IPHONES: Final = (("iPhone 13", "35674108"), ("iPhone 15", "35512277"), ("iPhone SE (3rd generation)", "35429911"))
_ANDROIDS: Final = (
    ("samsung", "SM-A556B", "35291411", "R5C", "9c2e7a"),
    ("Nokia", "Nokia XR21", "35881209", "PNX", "48dc9d"),
)
_CARRIERS: Final = ("DNA", "Elisa", "Telia FI")


def make_managed(dice: Dice, counts: Mapping[Place, int], people: tuple[Person, ...], now: datetime) -> list[Managed]:
    """Every Intune device of the plan, in the plan's order."""
    makers: dict[Family, Callable[[Dice, Place, int, Person | None, datetime], Managed]] = {
        Family.LAPTOP: _laptop,
        Family.IPAD: _ipad,
        Family.IPHONE: _iphone,
        Family.ANDROID: _android,
    }
    made: list[Managed] = []
    for place, count in counts.items():
        if place.family not in makers:
            continue
        hands = [person for person in people if person.unit == place.unit and person.pupil == (place.use is Use.PUPIL)]
        for index in range(count):
            holder = hands[index % len(hands)] if hands and place.use is not Use.SHARED else None
            made.append(makers[place.family](dice, place, len(made) + 1, holder, now))
    return made


def _laptop(dice: Dice, place: Place, number: int, person: Person | None, now: datetime) -> Managed:
    manufacturer, model, prefix, oui, memory = dice.choice(_LAPTOPS)
    old = dice.random() < 0.12
    mac = dice.mac(oui)
    enrolled_at, synced_at = _times(dice, now)
    return Managed(
        id=dice.guid(), place=place, person=person, upn=person.address if person else "",
        name=f"KHA-L-{number:04d}", serial=prefix + dice.code(7), wifi_mac=mac.upper() if number % 2 else mac,
        ethernet_mac=dice.mac(oui) if dice.random() < 0.6 else None, manufacturer=manufacturer, model=model, os="Windows",
        os_version=f"10.0.19045.{dice.randint(4800, 6456)}" if old else f"10.0.26100.{dice.randint(3000, 4946)}",
        compliance="noncompliant" if old else "compliant",
        enrollment="windowsAzureADJoin" if number % 9 else "windowsCoManagement",
        agent="mdm" if number % 9 else "configurationManagerClientMdm",
        category=_category(place), entra_id=dice.guid(), storage=511101108224, memory=memory * _GIB,
        enrolled_at=enrolled_at, synced_at=synced_at,
    )  # fmt: skip


def _ipad(dice: Dice, place: Place, number: int, _person: Person | None, now: datetime) -> Managed:
    enrolled_at, synced_at = _times(dice, now)
    return Managed(
        id=dice.guid(), place=place, person=None, upn="", name=f"{place.unit}-iPad-{number:04d}",
        serial=dice.code(10), udid=f"00008101-{dice.getrandbits(64):016X}", wifi_mac=dice.mac("a4c3f0"), manufacturer="Apple",
        model=dice.choice(("iPad (9th generation)", "iPad (10th generation)", "iPad (6th generation)")), os="iPadOS",
        os_version=dice.choice(("18.6.2", "18.5", "17.7.10")), enrollment="appleBulkWithoutUser", category=_category(place),
        entra_id="00000000-0000-0000-0000-000000000000", supervised=True, storage=63989493760, enrolled_at=enrolled_at, synced_at=synced_at,
    )  # fmt: skip


def _iphone(dice: Dice, place: Place, number: int, person: Person | None, now: datetime) -> Managed:
    model, tac = dice.choice(_IPHONES)
    imei = dice.imei(tac)
    enrolled_at, synced_at = _times(dice, now)
    return Managed(
        id=dice.guid(), place=place, person=person, upn=person.address if person else "", name=f"KHA-iPhone-{number:04d}",
        serial=dice.code(10), imei=imei, meid=imei[:14], iccid="89358" + dice.digits(14),
        udid=f"00008120-{dice.getrandbits(64):016X}",
        phone_number=(person.mobile or "") if person and dice.random() < 0.7 else "", carrier=dice.choice(_CARRIERS),
        wifi_mac=dice.mac("a4c3f0"), manufacturer="Apple", model=model, os="iOS", os_version=dice.choice(("18.6.1", "18.5", "17.7.2")),
        enrollment="appleBulkWithUser", category="Puhelin", entra_id=dice.guid(), supervised=True, storage=127989493760,
        enrolled=dice.random() > 0.05, enrolled_at=enrolled_at, synced_at=synced_at,
    )  # fmt: skip


def _android(dice: Dice, place: Place, number: int, person: Person | None, now: datetime) -> Managed:
    maker, model, tac, prefix, oui = dice.choice(_ANDROIDS)
    own = place.use is Use.STAFF and number % 6 == 0
    shared = place.use is Use.SHARED
    mode = (
        "userEnrollment" if own else "androidEnterpriseDedicatedDevice" if shared else "androidEnterpriseFullyManaged"
    )
    enrolled_at, synced_at = _times(dice, now)
    return Managed(
        id=dice.guid(), place=place, person=person, upn=person.address if person else "",
        name=f"{person.address.split('@')[0] if person else place.unit}_AndroidEnterprise_"
        f"{enrolled_at.month}/{enrolled_at.day}/{enrolled_at.year}_9:15 AM",
        serial="" if own and number % 4 == 0 else prefix + dice.code(8), imei=dice.imei(tac), carrier=dice.choice(_CARRIERS),
        iccid="89358" + dice.digits(14), phone_number="*****" + dice.digits(4) if own else "", wifi_mac=dice.mac(oui),
        manufacturer=maker, model=model, os="Android", os_version=dice.choice(("15", "14", "13")),
        owner="personal" if own else "company", agent="googleCloudDevicePolicyController", enrollment=mode,
        compliance=dice.choice(("compliant", "compliant", "noncompliant", "inGracePeriod")), category="" if own else "Hoiva",
        entra_id=dice.guid(), patch_level=f"{(now - timedelta(days=60)):%Y-%m}-01", storage=128000000000,
        enrolled=dice.random() > 0.04, enrolled_at=enrolled_at, synced_at=synced_at,
    )  # fmt: skip


def _category(place: Place) -> str:
    """Pupil devices carry their category; half of the others have none, written in two ways."""
    if place.use is Use.PUPIL and place.stage is not None:
        return CATEGORIES.get((place.unit, place.stage), "")
    return "Unknown" if place.unit in ("kaupungintalo", "it") else ""


def _times(dice: Dice, now: datetime) -> tuple[datetime, datetime]:
    """Enrolled and last synced: most devices check in daily, one in fifteen has been silent for over 100 days."""
    enrolled = dice.before(now, timedelta(days=140), timedelta(days=1500))
    if dice.random() < 1 / 15:
        return enrolled, dice.before(now, timedelta(days=101), timedelta(days=135))
    return enrolled, dice.before(now, timedelta(minutes=4), timedelta(days=6))
