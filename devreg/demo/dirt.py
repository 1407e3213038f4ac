"""The dirt real registers are full of, laid onto a clean city."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from devreg.demo.chromebooks import Chromebook, Console
from devreg.demo.invent import Dice
from devreg.demo.managed import Managed

Stain = Callable[[Managed], dict[str, Any]]


def _leaver(device: Managed) -> dict[str, Any]:
    """Entra renames the account of a deleted user by putting its id before the name."""
    owner = device.person
    return {"upn": owner.id.replace("-", "") + owner.address, "person": None} if owner else {}


_LAPTOP_STAINS: Final[tuple[Stain, ...]] = (
    lambda _: {"serial": "To be filled by O.E.M."},
    lambda _: {"serial": "0"},
    lambda _: {"serial": "0"},
    lambda _: {"serial": ""},
    lambda _: {"serial": "Default string"},
    lambda _: {"name": "[/]"},
    lambda _: {"name": "=1+1"},
    lambda _: {"name": '=HYPERLINK("http://example.invalid";"x")'},
    lambda _: {"name": "-2+3"},
    lambda _: {"name": "[bold red]KHA"},
    lambda _: {"name": "KHA\u202e-L\u200b-0007"},
    lambda _: {"name": ""},
    lambda device: {"serial": f" {device.serial.lower()} "},
    lambda _: {"enrolled_at": None},
    lambda _: {"synced_at": None},
    lambda _: {"compliance": "configManager"},
    lambda _: {"state": "retireIssued"},
    lambda _: {"state": "decommissionScheduled"},
    lambda _: {"os": "Windows", "agent": "msSense", "owner": "unknown"},
    _leaver,
    _leaver,
    _leaver,
)
_PHONE_STAINS: Final[tuple[Stain, ...]] = (
    lambda _: {"name": "Åsa's iPad", "model": "iPad (10th generation)", "os": "iPadOS"},
    lambda _: {"agent": "intuneAosp", "enrollment": "androidAOSPUserOwnedDeviceEnrollment", "os": "Android"},
    lambda _: {"enrollment": "unknownFutureValue"},
    lambda _: {"notes": "Kadonnut bussiin, ilmoitettu", "state": "wipePending"},
    lambda _: {"notes": "Lainassa =HYVA()\r\nHuolto 2.10."},
    lambda _: {"imei": "0" * 15},
    lambda device: {"imei": f"{device.imei[:2]} {device.imei[2:8]} {device.imei[8:14]} {device.imei[14:]}"},
    _leaver,
)


def soil_managed(dice: Dice, devices: Sequence[Managed], now: datetime) -> tuple[Managed, ...]:
    """The records with dirt on some, and a forgotten older record for every 400th device that enrolled anew."""
    soiled = list(devices)
    _spread(dice, soiled, _LAPTOP_STAINS, lambda device: device.os == "Windows")
    _spread(dice, soiled, _PHONE_STAINS, lambda device: device.os in ("iOS", "Android") and bool(device.imei))
    for device in soiled[::400]:
        if device.enrolled_at is not None and len(device.serial) > 6:
            before = device.enrolled_at - timedelta(days=1)
            soiled.append(
                msgspec.structs.replace(
                    device, id=dice.guid(), synced_at=before, enrolled_at=before - timedelta(days=400)
                )
            )
    return tuple(soiled)


def soil_consoles(consoles: Sequence[Console]) -> tuple[Console, ...]:
    """The consoles with a placeholder serial, foreign spelling and hostile notes in the first."""
    first, *others = consoles
    return (msgspec.structs.replace(first, chromebooks=_soil_chromebooks(first.chromebooks)), *others)


def _soil_chromebooks(books: tuple[Chromebook, ...]) -> tuple[Chromebook, ...]:
    stains: tuple[dict[str, Any], ...] = (
        {"serial": "00000000"},
        {"serial": f" {books[1].serial.lower()}"},
        {"notes": "[/] =1+1\r\nKadonnut?"},
        {"status": "QUARANTINED_2027"},
        {"status": "DELINQUENT"},
        {"asset_id": "+358 KB"},
        {"aue": None},
    )
    soiled = [msgspec.structs.replace(book, **stain) for book, stain in zip(books, stains, strict=False)]
    return (*soiled, *books[len(soiled) :])


def _spread(dice: Dice, devices: list[Managed], stains: Sequence[Stain], fits: Callable[[Managed], bool]) -> None:
    """One stain each on devices picked at random, as many as there are."""
    candidates = [index for index, device in enumerate(devices) if device.enrolled and fits(device)]
    for stain, index in zip(stains, dice.sample(candidates, min(len(stains), len(candidates))), strict=False):
        devices[index] = msgspec.structs.replace(devices[index], **stain(devices[index]))
