"""The demo city's stock-takes: one closed, one still open, with something of every outcome. The same city gives the same."""

from collections.abc import Iterator
from typing import Final

from devreg import wiring
from devreg.domain.stocktake import NOT_THERE
from devreg.ports import Row
from devreg.services import stocktake
from devreg.services.browse import Browser, Query
from devreg.wiring import App

_FEWEST: Final = 5
"""Devices of a unit that is worth counting."""
_UNKNOWN: Final = "KIRJASTO-0417"
"""A code that stands on no device of the register."""
_LEFT_OUT: Final = 2
"""Devices that nobody finds."""


def count(app: App) -> None:
    """Count the two smallest units with devices enough, and close the first."""
    browser = Browser(app.sessions, app.t.language)
    rows = browser.rows("devices", browser.keys("devices", Query()))
    rows = sorted((row for row in rows if row["serial"]), key=lambda row: str(row["serial"]))
    sizes = sorted((total, str(unit)) for unit, total in browser.facets("devices", Query(), "unit") if unit)
    units = [unit for total, unit in sizes if total >= _FEWEST][:2]
    for place, unit in enumerate(units):
        begun = stocktake.start(app.sessions, app.actor(), unit, (), wiring.now())
        codes = [*_found(rows, unit), *_strays(rows, unit), _UNKNOWN, *_twins(browser)]
        stocktake.scan(app.sessions, app.actor(), begun.number, codes, wiring.now())
        if place == 0:
            stocktake.close(app.sessions, app.actor(), begun.number, wiring.now())


def _found(rows: list[Row], unit: str) -> list[str]:
    own = [str(row["serial"]) for row in rows if row["unit"] == unit and row["state"] not in NOT_THERE]
    return own[:-_LEFT_OUT]


def _strays(rows: list[Row], unit: str) -> Iterator[str]:
    """A device of another unit, and one that belongs nowhere."""
    elsewhere = (row for row in rows if row["unit"] not in {None, unit} and row["state"] not in NOT_THERE)
    nowhere = (row for row in rows if row["unit"] is None or row["state"] in NOT_THERE)
    for some in (elsewhere, nowhere):
        yield from (str(row["serial"]) for row, _ in zip(some, range(1), strict=False))


def _twins(browser: Browser) -> list[str]:
    """A tag that two devices carry."""
    twins = browser.rows("duplicates", browser.keys("duplicates", Query(limit=1)))
    return [str(row["asset_tag"]) for row in twins]
