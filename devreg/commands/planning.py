"""plan: scenarios compared, what one of them moves and buys; its moves accepted and ticked off."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from devreg import wiring
from devreg.commands.looking import print_rows
from devreg.domain.device import device_ref
from devreg.domain.planning import Scenario, move_ref
from devreg.domain.words import label
from devreg.errors import DevregError, Misconfigured
from devreg.i18n import Catalogue
from devreg.services import plan_moves, planning
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
from devreg.terminal import complain, note, say
from devreg.wiring import App

_MOST: Final = 20
"""Devices that a terminal lists; the other formats have all."""


def show(config: Path | None, budget: float | None, as_of: datetime | None, scenario: str | None, form: str) -> None:
    """Print what can be done about the gap."""
    app = wiring.open_app(config)
    if scenario is not None and scenario.upper() not in set(Scenario):
        raise Misconfigured(f"There is no scenario {scenario!r}.", next_step="There are A, B, C and D.")
    planned = _plan(app, budget, as_of, Scenario(scenario.upper()) if scenario else None)
    if form == "table":
        _print(app.t, planned, budget, as_of)
    elif form == "json":
        say(json.dumps(_whole(planned, app.t), ensure_ascii=False, indent=2, default=str))
    else:
        print_rows(app.t, DEVICES, device_rows(planned, app.t), form)


def accept(
    config: Path | None,
    plan_id: str,
    budget: float | None,
    as_of: datetime | None,
    *,
    rows: Sequence[int],
    reason: str | None,
) -> None:
    """Keep a plan's moves, and say what comes next."""
    app = wiring.open_app(config)
    if plan_id[:1] not in set(Scenario):
        raise Misconfigured(f"{plan_id!r} is no plan.", next_step="`devreg plan` makes one and says what it is called.")
    actor, now = app.actor(), wiring.now()
    planned = _plan(app, budget, as_of, Scenario(plan_id[:1]))
    numbers = plan_moves.accept(app.sessions, actor, planned, plan_id, only=rows, reason=reason, now=now)
    for number in numbers:
        say(move_ref(number))
    note(app.t.many("{n} move accepted.", "{n} moves accepted.", len(numbers)))
    note("devreg list moves")


def tick(config: Path | None, moves: Sequence[str], *, reason: str | None) -> int:
    """Do the next step of each, one after the other; 1 when one does not fit any more."""
    app, worst = wiring.open_app(config), 0
    actor = app.actor()
    for number in [plan_moves.parse(text) for text in moves]:
        try:
            done = plan_moves.tick(app.sessions, actor, number, reason=reason, now=wiring.now())
        except DevregError as error:
            complain(error)
            worst = 1
            continue
        said = f"{move_ref(number)} {device_ref(done.device_id)}: {app.t(label(done.job))} ✓"
        say(f"{said}; {app.t('next: {step}', step=app.t(label(done.next)))}" if done.next else said)
    return worst


def drop(config: Path | None, text: str, *, reason: str) -> None:
    """Give up a move."""
    app = wiring.open_app(config)
    number = plan_moves.parse(text)
    plan_moves.drop(app.sessions, app.actor(), number, reason=reason, now=wiring.now())
    say(app.t("{move}: given up.", move=move_ref(number)))


def _plan(app: App, budget: float | None, as_of: datetime | None, scenario: Scenario | None) -> Planned:
    cents = None if budget is None else round(budget * 100)
    day = as_of.date() if as_of else None
    return planning.plan(app.sessions, app.loaded.settings.equality, cents, day, wiring.now(), scenario)


def _print(t: Catalogue, planned: Planned, budget: float | None, as_of: datetime | None) -> None:
    print_rows(t, SCENARIOS, scenario_rows(planned), "table")
    chosen = planned.chosen
    say(f"{t('Plan')} {planned.id}: {t(NAMES[chosen.scenario])}")
    say(t("It counts fit devices that are here and supported until {day}.", day=t.date(planned.end)))
    print_rows(t, UNITS, unit_rows(planned, t), "table")
    devices = device_rows(planned, t)
    if devices:
        print_rows(t, DEVICES, devices[:_MOST], "table")
    if len(devices) > _MOST:
        say(t("… and {n} more devices: --format csv lists all.", n=t.number(len(devices) - _MOST)))
    if chosen.purchases:
        print_rows(t, PURCHASES, purchase_rows(planned, t), "table")
    for line in notes(planned, t):
        note(line)
    if devices:
        options = f" --budget {budget:g}" if budget is not None else ""
        options += f" --as-of {as_of.date().isoformat()}" if as_of else ""
        note(f"devreg plan accept {planned.id}{options}")


def _whole(planned: Planned, t: Catalogue) -> dict[str, object]:
    return {
        "plan": planned.id,
        "scenario": str(planned.chosen.scenario),
        "as_of": planned.as_of,
        "end": planned.end,
        "budget_cents": planned.budget_cents,
        "solver": planned.chosen.solver,
        "proven": planned.chosen.proven,
        "scenarios": scenario_rows(planned),
        "units": unit_rows(planned, t),
        "moves": device_rows(planned, t),
        "purchases": purchase_rows(planned, t),
        "left_out": planned.left_out,
        "need_not_known": planned.missing_counts,
    }
