"""Settings of what goes round and what lies idle: the school year, and from when something is said."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from devreg.domain import calendar
from devreg.domain.carbon import DATE, MAKING, SOURCE
from devreg.domain.device import Kind
from devreg.strict import Strict


def _day(text: str) -> str:
    if not calendar.is_day(text):
        raise ValueError('a day such as "06-01" (each year) or "2027-02-22" (once), or a week such as "W08"')
    return text


Day = Annotated[str, AfterValidator(_day)]
Share = Annotated[float, Field(ge=0, le=1)]
CarbonRange = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]


class Break(Strict):
    """Days off school."""

    first: Day
    """"06-01" each year, "W08" that week's Monday each year, "2027-02-22" once."""
    last: Day
    """Likewise; a week ends on its Sunday. Before the first: in the next year."""
    languages: tuple[Literal["fi", "sv"], ...] = ()
    """Only schools and day-care centres of these languages; not set: all."""


def _breaks() -> dict[str, Break]:
    return {
        "summer": Break(first="06-01", last="08-10"),
        "autumn": Break(first="W42", last="W42"),
        "christmas": Break(first="12-21", last="01-06"),
        "winter": Break(first="W08", last="W08"),
    }


class Calendar(Strict):
    """Days on which nobody is expected to use a device; they make nothing idle. The register goes by them from the next list, report or
    collection on of somebody who may collect."""

    public_holidays: bool = True
    """Finland's, everywhere."""
    breaks: dict[str, Break] = Field(default_factory=_breaks)
    """Breaks of schools and day-care centres, by any name; with "2027-02-22" for a day they hold once, with "06-01" or "W42" (week)
    each year, and with languages = ["sv"] for schools of that language only."""

    @property
    def rules(self) -> tuple[calendar.Break, ...]:
        """The breaks as the domain has them."""
        return tuple(calendar.Break(item.first, item.last, item.languages) for item in self.breaks.values())


class Circulation(Strict):
    """From when a device is idle, a reserve too small or too large, and leases end too many at a time."""

    idle_days: Annotated[int, Field(ge=1)] = 30
    """Days without contact from which a device is idle; days off do not count."""
    spares: tuple[Share, Share] = (0.03, 0.05)
    """The reserve there should be: devices in stock for each device in use, at least and at most."""
    cliff_share: Share = 0.25
    """A larger share of a unit's devices whose leases end in one quarter is told of."""
    unseen_days: Annotated[int, Field(ge=1)] = 60
    """Days before its lease ends in which a device should have been seen."""
    idle_cost: Annotated[int, Field(ge=0)] = 100
    """Euros a month for idle leased devices from which people are told."""
    carbon: dict[Kind, CarbonRange] = Field(default_factory=lambda: dict(MAKING))
    """Kilograms of carbon dioxide equivalents that making one device of a kind causes, lowest and highest: what is saved where a
    device serves on instead of a new one."""
    carbon_source: str = SOURCE
    """Where these figures come from; printed with them."""
    carbon_date: date = DATE
    """How old they are."""
