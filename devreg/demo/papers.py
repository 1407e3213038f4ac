"""What the city's papers say: purchases and leases, with the mistakes people make in them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from devreg.demo.chromebooks import Chromebook, Console
from devreg.demo.invent import Dice
from devreg.demo.managed import Managed
from devreg.demo.plan import Family
from devreg.domain.device import Use


class Purchase(msgspec.Struct, frozen=True):
    """One line of the purchase list."""

    serial: str
    imei: str
    kind: str
    model: str
    day: date
    price_cents: int
    supplier: str
    order: str
    state: str = ""
    """Where somebody wrote it beside."""


class Lease(msgspec.Struct, frozen=True):
    """One line of the leasing company's list."""

    number: str
    lessor: str
    serial: str
    imei: str
    start: date
    end: date
    monthly_fee_cents: int
    residual_cents: int


_PRICES: Final = {
    Family.CHROMEBOOK: 32900,
    Family.LAPTOP: 64900,
    Family.IPAD: 41900,
    Family.IPHONE: 69900,
    Family.ANDROID: 35900,
}
_SUPPLIERS: Final = ("Esimerkki Laitteet Oy", "Ab Exempel Data", "Keksitty IT Oy")
_FEES: Final = {Family.LAPTOP: 1845, Family.IPHONE: 2190, Family.ANDROID: 1125}
_KINDS: Final = {
    Family.CHROMEBOOK: "chromebook", Family.LAPTOP: "laptop", Family.IPAD: "tablet", Family.IPHONE: "phone", Family.ANDROID: "phone",
}  # fmt: skip


def make_purchases(
    dice: Dice, managed: Sequence[Managed], consoles: Sequence[Console], now: datetime
) -> tuple[Purchase, ...]:
    """Bought devices: tablets, staff laptops, the live consoles' Chromebooks, and phones that were never enrolled."""
    phones = [device for device in managed if not device.enrolled]
    bought: list[Managed | Chromebook] = [d for d in managed if d.enrolled and not _leased(d) and d.owner == "company"]
    bought += [book for console in consoles[:2] for book in console.chromebooks if dice.random() < 0.85]
    return tuple(_purchase(dice, item, now) for item in [*bought, *phones])


def make_leases(dice: Dice, managed: Sequence[Managed], now: datetime) -> tuple[Lease, ...]:
    """Leased devices in contracts of 36 months; every ninth ran out without being returned."""
    leased = [device for device in managed if _leased(device)]
    return tuple(_lease(dice, number, device, now.date()) for number, device in enumerate(leased))


def _leased(device: Managed) -> bool:
    family, use = device.place.family, device.place.use
    return (
        family in (Family.IPHONE, Family.ANDROID)
        and device.owner == "company"
        and use is Use.STAFF
        or (family is Family.LAPTOP and device.place.unit == "lukio" and use is Use.PUPIL)
    )


def _purchase(dice: Dice, item: Managed | Chromebook, now: datetime) -> Purchase:
    family = item.place.family
    model = item.model if isinstance(item, Managed) else item.model.name
    day = ((item.enrolled_at if isinstance(item, Managed) else item.enrolled_first) or now) - timedelta(days=20)
    return Purchase(
        serial=_as_typed(dice, item.serial),
        imei=item.imei if isinstance(item, Managed) else "",
        kind=_KINDS[family],
        model=model,
        day=day.date(),
        price_cents=_PRICES[family] + dice.randrange(-20, 20) * 100,
        supplier=dice.choice(_SUPPLIERS),
        order=f"TI-{day:%Y}-{dice.digits(4)}",
    )


def _lease(dice: Dice, number: int, device: Managed, today: date) -> Lease:
    over = number % 9 == 4
    end = today - timedelta(days=dice.randrange(20, 120)) if over else today + timedelta(days=dice.randrange(30, 900))
    if number % 29 == 6:
        end = today - timedelta(days=5)  # to be returned these days
    if device.place.unit == "koti-hoiva" and not over:
        end = today + timedelta(days=200)  # all of home care's phones were leased together, and end together
    return Lease(
        number=f"LS-{end.year}-{number // 40 + 1:03d}",
        lessor=dice.choice(("Keksitty Rahoitus Oyj", "Leasing Exempel Ab")),
        serial="" if number % 11 == 7 and device.imei else _as_typed(dice, device.serial),
        imei=device.imei,
        start=end - timedelta(days=1095),
        end=end,
        monthly_fee_cents=_FEES[device.place.family],
        residual_cents=3500,
    )


def _as_typed(dice: Dice, serial: str) -> str:
    """A serial as somebody copied it: now and then in lower case or with a space around it."""
    return dice.choices((serial, serial.lower(), f" {serial}"), weights=(94, 4, 2))[0]
