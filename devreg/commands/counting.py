"""stocktake: start, scan, close and show."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from devreg import wiring
from devreg.domain.device import device_ref
from devreg.domain.stocktake import NEEDS_A_PERSON, Outcome, stocktake_ref
from devreg.domain.words import label
from devreg.i18n import Catalogue
from devreg.ports import Row
from devreg.services import audit
from devreg.services import stocktake as service
from devreg.services.browse import Browser, Listed, Query
from devreg.services.stocktake import Answer, Standing
from devreg.terminal import note, say
from devreg.text import marked
from devreg.wiring import App

_MOST: Final = 20
"""Lines of one outcome that a receipt shows on a terminal; the workbook and `list counted` have all."""
_LATELY: Final = timedelta(days=30)
_SIGNS: Final = {
    Outcome.FOUND: "✓", Outcome.MISPLACED: "→", Outcome.UNEXPECTED: "!", Outcome.UNKNOWN: "?", Outcome.AMBIGUOUS: "?",
    Outcome.AWAITED: " ", Outcome.MISSING: "✗", Outcome.NOT_COUNTED: " ",
}  # fmt: skip
_ORDER: Final = (
    Outcome.AWAITED, Outcome.MISSING, Outcome.NOT_COUNTED, Outcome.MISPLACED, Outcome.UNEXPECTED, Outcome.AMBIGUOUS,
    Outcome.UNKNOWN,
)  # fmt: skip


def start(config: Path | None, unit: str, rooms: Sequence[str]) -> None:
    """Begin one and print its number."""
    app = wiring.open_app(config)
    begun = service.start(app.sessions, app.actor(), unit, rooms, wiring.now())
    ref = stocktake_ref(begun.number)
    say(ref)
    note(
        app.t.many("{n} device expected in {unit}.", "{n} devices expected in {unit}.", begun.expected, unit=begun.unit)
    )
    note(f"devreg stocktake scan {ref}")


def scan(config: Path | None, text: str, codes: Sequence[str] | None) -> int:
    """Answer each code in one line; 1 when one needs a person."""
    app = wiring.open_app(config)
    number, series = service.parse(text), app.loaded.settings.tags.series
    actor, worst = app.actor(), 0
    service.standing(app.sessions, number)
    for some in [codes] if codes else _typed(app.t):
        for answer in service.scan(app.sessions, actor, number, some, wiring.now()):
            wrong = answer.outcome in NEEDS_A_PERSON
            line = _line(app.t, answer)
            if answer.outcome is Outcome.UNKNOWN and series.is_mistyped(answer.code):
                line = f"{line}; {app.t('mistyped, or a label hard to read')}"
            say(line)
            if wrong and sys.stdout.isatty():
                sys.stdout.write("\a")
            sys.stdout.flush()  # whoever reads the answer may rely on it: the code is kept
            worst |= wrong
    return int(worst)


def close(config: Path | None, text: str, out: Path | None) -> None:
    """End one and print its receipt."""
    app = wiring.open_app(config)
    _print(app, service.close(app.sessions, app.actor(), service.parse(text), wiring.now()), out)


def show(config: Path | None, text: str, out: Path | None) -> None:
    """Print how one stands."""
    app = wiring.open_app(config)
    _print(app, service.standing(app.sessions, service.parse(text)), out)


def _typed(t: Catalogue) -> Iterator[list[str]]:
    """Lines as a scanner or a person types them, until the input ends or is interrupted."""
    if sys.stdin.isatty():
        note(t("Scan; Ctrl-D ends."))
    try:
        while line := sys.stdin.readline():
            yield [line]
    except KeyboardInterrupt:
        note(t("Interrupted; every code that was answered is kept."))


def _line(t: Catalogue, answer: Answer) -> str:
    said = [answer.code, *map(device_ref, answer.device_ids), answer.said, _why(t, answer)]
    if answer.before is not None:
        said.append(t("already scanned {time} by {who}", time=t.datetime(answer.before), who=answer.before_by))
    head = f"{_SIGNS[answer.outcome]} {t(label(answer.outcome))}"
    return marked(f"{head}: {'  '.join(part for part in said if part)}")


def _why(t: Catalogue, answer: Answer) -> str:
    place = answer.place
    if place is None or answer.outcome is Outcome.FOUND:
        return ""
    if answer.outcome is Outcome.MISPLACED:
        return t("belongs in {place}", place=" ".join(part for part in (place.unit, place.room) if part))
    if place.unit is None:
        return t("the register places it nowhere")
    return t("in {place} it is {state}", place=place.unit, state=t(label(place.state or "unknown")))


def _print(app: App, standing: Standing, out: Path | None) -> None:
    t, browser = app.t, Browser(app.sessions, app.t.language)
    rows = browser.rows("counted", browser.keys("counted", Query(where=(("stocktake", standing.ref),))))
    (listed,) = browser.whole("stocktakes", Query(where=(("id", standing.ref),))).rows
    facts = _facts(t, standing, str(listed["unit_name"] or standing.unit))
    say(f"{t('Stock-take')} {standing.ref}")
    for name, value in facts:
        say(f"  {name}: {t.number(value) if isinstance(value, int) else value}")
    if standing.count(Outcome.NOT_COUNTED):
        note(t("No device was scanned, so none is called missing."))
    for outcome in _ORDER:
        _print_outcome(t, outcome, [row for row in rows if row["outcome"] == outcome])
    steps = list(_steps(rows, standing))
    if steps:
        say()
        say(t("Next steps; nothing of it happens by itself:"))
        for step in steps[:_MOST]:
            say(f"  {step}")
        if len(steps) > _MOST:
            say(f"  … {t.number(len(steps) - _MOST)}")
    if out is not None:
        _write(app, browser, standing, facts, rows, out)


def _facts(t: Catalogue, standing: Standing, unit: str) -> list[tuple[str, str | int]]:
    started = t("{time} by {who}", time=t.datetime(standing.started), who=standing.started_by)
    closed = (
        t("{time} by {who}", time=t.datetime(standing.closed), who=standing.closed_by) if standing.closed else t("open")
    )
    facts: list[tuple[str, str | int]] = [(t("Unit"), unit), (t("Rooms"), standing.rooms or t("all"))]
    facts += [(t("Started"), started), (t("Closed"), closed), (t("Expected"), standing.counts["expected"])]
    shown = (Outcome.FOUND, *_ORDER)
    return facts + [
        (t(label(outcome)), standing.count(outcome))
        for outcome in shown
        if standing.count(outcome) or outcome is Outcome.FOUND
    ]


def _print_outcome(t: Catalogue, outcome: Outcome, rows: Sequence[Row]) -> None:
    if not rows:
        return
    say()
    say(f"{t(label(outcome))} ({t.number(len(rows))})")
    for row in rows[:_MOST]:
        parts = (row["device_id"], row["asset_tag"], row["name"], row["serial"] or row["code"])
        said = "  ".join(str(part) for part in parts if part)
        say(f"  {_SIGNS[outcome]} {said}{_beside(t, outcome, row)}")
    if len(rows) > _MOST:
        say(f"  … {t.number(len(rows) - _MOST)}")


def _beside(t: Catalogue, outcome: Outcome, row: Row) -> str:
    """What is known of it elsewhere: heard of lately is no find."""
    at = row["heard_at"]
    if outcome in {Outcome.MISSING, Outcome.AWAITED} and isinstance(at, datetime):
        heard = t("heard of by {source} {time}, not found here", source=row["heard_by"], time=t.datetime(at))
        return f"; {heard}"
    if outcome is Outcome.MISPLACED:
        return f"; {t('belongs in {place}', place=row['unit_name'])}"
    return f"; {t(label(str(row['state_then'])))}" if outcome is Outcome.UNEXPECTED and row["state_then"] else ""


def _steps(rows: Sequence[Row], standing: Standing) -> Iterator[str]:
    """Commands that would correct the register; for people to judge and to run."""
    why = f'--reason "{standing.ref}"'
    for row in rows:
        match row["outcome"]:
            case Outcome.MISPLACED:
                yield f"devreg assign {row['device_id']} --unit {standing.unit} {why}"
            case Outcome.UNEXPECTED if row["state_then"] == "lost":
                yield f"devreg transition {row['device_id']} in_use {why}"
            case Outcome.UNEXPECTED if row["belongs"] is None:
                yield f"devreg assign {row['device_id']} --unit {standing.unit} {why}"
            case Outcome.MISSING if not _is_about(row, standing):
                yield f"devreg transition {row['device_id']} lost {why}"
            case _:
                pass


def _is_about(row: Row, standing: Standing) -> bool:
    """Whether a source heard of the device shortly before: then it is somewhere, and its holder may know where."""
    at = row["heard_at"]
    return isinstance(at, datetime) and standing.closed is not None and standing.closed - at < _LATELY


def _write(
    app: App, browser: Browser, standing: Standing, facts: Sequence[tuple[str, object]], rows: Sequence[Row], out: Path
) -> None:
    from exports import stocktake as receipt  # the composition root's side: only who writes a file needs it

    columns = tuple(column for column in browser.view("counted").columns if column.key != "stocktake")
    title = f"{app.t('Stock-take')} {standing.ref}"
    trail = str(audit.head(app.sessions))
    changed = receipt.write(title, facts, Listed(columns, rows), out, app.t.language, trail)
    say(str(out))
    if changed:
        note(app.t.many("{n} text was made harmless", "{n} texts were made harmless", changed))
