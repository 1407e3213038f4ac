"""How the city's phones stand as a whole: the figures that the summary, the workbook and reminders give."""

from datetime import datetime
from typing import Final

import msgspec

from devreg.domain.phones import LEFT_OUT, NEXT_STEPS, Category
from devreg.ports import Query
from devreg.services.browse import Browser, Listed

_COUNTED: Final = ("phones", "managed", "lockable", "wipeable", "silent", "not_known")


class CategoryLine(msgspec.Struct, frozen=True):
    """How many phones stand alike."""

    category: Category
    phones: int

    @property
    def next_step(self) -> str | None:
        """English msgid; None: nothing needs to be done."""
        return NEXT_STEPS.get(self.category)


class PhoneFigures(msgspec.Struct, frozen=True):
    """Of all units together."""

    phones: int
    """Of the city, in use: those that should be under management."""
    managed: int
    lockable: int
    wipeable: int
    silent: int
    not_known: int
    """Perhaps enrolled: the last reading of the tool was not whole."""
    categories: tuple[CategoryLine, ...]
    """Those that there are, in the order of `Category`."""

    @property
    def coverage(self) -> float | None:
        """The share under management, at least; None: there are no phones."""
        return self.managed / self.phones if self.phones else None

    @property
    def at_most(self) -> float | None:
        """The share if all that are not known were under management."""
        return (self.managed + self.not_known) / self.phones if self.phones else None

    @property
    def to_do(self) -> int:
        """Phones with a next step."""
        return sum(line.phones for line in self.categories if line.next_step is not None)


class PhonesPicture(msgspec.Struct, frozen=True):
    """Everything that the phones workbook shows."""

    figures: PhoneFigures
    units: Listed
    phones: Listed
    """By category, those with a next step first."""
    without_number: Listed
    """In use, and nobody says by which number."""
    without_phone: Listed
    """Numbers that are billed, and no phone in use is known to have."""
    signed_in: Listed
    """Phones that people sign in with, that nothing manages, and that the register can't tell to be its own."""
    overlaps: Listed
    made_at: datetime


def figures(browser: Browser) -> PhoneFigures:
    """From the lists themselves, so that they say the same as these."""
    units = browser.whole("phone_coverage").rows
    counts = dict(browser.facets("phones", Query(), "category"))
    lines = tuple(CategoryLine(member, counts[str(member)]) for member in Category if str(member) in counts)
    return PhoneFigures(**{name: sum(_count(row[name]) for row in units) for name in _COUNTED}, categories=lines)


def picture(browser: Browser, now: datetime) -> PhonesPicture:
    """The lists that the workbook is made of."""
    said = [("category", str(member)) for member in Category if member not in LEFT_OUT]
    silent = Query(where=(("phone_number", ""), *said))
    first = sorted(Category, key=lambda member: member not in NEXT_STEPS)
    lists = [browser.whole("phones", Query(where=(("category", str(member)),)), _PHONES) for member in first]
    return PhonesPicture(
        figures=figures(browser),
        units=browser.whole("phone_coverage"),
        phones=Listed(lists[0].columns, [row for found in lists for row in found.rows]),
        without_number=browser.whole("phones", silent, _NUMBERLESS),
        without_phone=browser.whole("subscriptions", Query(where=(("device_id", ""),)), _NUMBERS),
        signed_in=browser.whole("unmanaged_phones"),
        overlaps=browser.whole("overlaps"),
        made_at=now,
    )


_PHONES: Final = (
    "category", "next_step", "id", "model", "phone_number", "holder", "unit_name", "name", "serial", "imei", "state", "lockable",
    "wipeable", "hindrance", "managed_by", "contact_at", "ownership", "lease_end",
)  # fmt: skip
_NUMBERS: Final = ("phone_number", "iccid", "holder", "unit_name", "supplier", "monthly_fee", "end", "notes", "source")
_NUMBERLESS: Final = ("id", "name", "model", "serial", "imei", "holder", "unit_name", "category", "managed_by")


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
