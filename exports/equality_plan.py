"""The equality workbook's plan: scenarios, what moves, what is bought, and coverage before and after."""

from typing import Final

from devreg.domain.device import Stage
from devreg.domain.planning import Scenario
from devreg.i18n import N_, Catalogue
from devreg.services.plan_rows import (
    DEVICES,
    NAMES,
    PURCHASES,
    SCENARIOS,
    UNITS,
    device_rows,
    notes,
    purchase_rows,
    scenario_rows,
    unit_rows,
)
from devreg.services.planning import Planned
from exports.equality_words import STAGES
from exports.lists import table_or
from exports.looks import Look
from exports.workbook import Book, Page, Rows

MAX_DEVICES: Final = 1_000
"""Rows of moves; `devreg plan --format csv` has all."""
_NOTE: Final = Look(size=9, colour="404040")
_LEFT_OUT: Final = frozenset({"holder", "source", "target"})
"""No person, and no second name of a unit."""
_MOVES: Final = tuple(column for column in DEVICES if column.key not in _LEFT_OUT)
_NO_PLAN: Final = N_("Planning needs the solver HiGHS, which is not installed.")


def write_plan(book: Book, name: str, planned: Planned | None) -> None:
    """Every scenario, and one in full; None: there is no solver."""
    t = book.t
    sheet = book.sheet(name, (28, 32, 28, 22, 16, 18, 46, 30, 14, 16, 18, 14, 20, 20, 16, 20), Page(row_height=15))
    sheet.title(t("Plan: what moves, what is bought"))
    if planned is None:
        sheet.add(t(_NO_PLAN))
        return
    sheet.add(t("It counts fit devices that are here and supported until {day}.", day=t.date(planned.end)), look=_NOTE)
    sheet.heading(t("Four ways, from the same stock"))
    sheet.table("scenarios", Rows(SCENARIOS, scenario_rows(planned)), ruled=True)
    if all(plan.scenario is not Scenario.BUDGET for plan in planned.plans):
        sheet.add(t("Plan C spends a budget: `devreg plan --budget EUR`."), look=_NOTE)
    for line in notes(planned, t):
        sheet.add(line, look=_NOTE)
    chosen = f"{t('Plan')} {planned.id}: {t(NAMES[planned.chosen.scenario])}"
    sheet.heading(f"{chosen} – {t('coverage before and after')}")
    table_or(sheet, "plan_units", UNITS, _in_words(unit_rows(planned, t), t), t("No unit's need is known."))
    sheet.heading(t("What is bought"))
    table_or(sheet, "purchases", PURCHASES, _in_words(purchase_rows(planned, t), t), t("Nothing."))
    sheet.heading(t("What moves, device by device"))
    devices = _in_words(device_rows(planned, t), t)
    table_or(sheet, "moves", _MOVES, devices[:MAX_DEVICES], t("Nothing."))
    if len(devices) > MAX_DEVICES:
        sheet.add(
            t("… and {n} more devices: --format csv lists all.", n=t.number(len(devices) - MAX_DEVICES)), look=_NOTE
        )
    sheet.print_only("H")


def _in_words(rows: list[dict[str, object]], t: Catalogue) -> list[dict[str, object]]:
    """Stages as the other sheets name them."""
    return [{**row, "stage": t(STAGES[Stage(str(row["stage"]))])} for row in rows]
