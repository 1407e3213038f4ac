"""audit: the trail verified, anchored, taken out, and freed of details whose time is over."""

import os
import re
from pathlib import Path
from typing import Final

from devreg import wiring
from devreg.domain.chain import Anchor, Fault, Flaw, Verified
from devreg.errors import Misconfigured
from devreg.i18n import N_, Catalogue
from devreg.services import audit
from devreg.services.browse import Browser, Query
from devreg.terminal import note, say
from devreg.wiring import App

_FLAWS: Final = {
    Flaw.REMOVED: N_("Row {row} was removed."),
    Flaw.EDITED: N_("Row {row} was edited."),
    Flaw.OUT_OF_PLACE: N_(
        "Row {row} does not follow the row before it: it was inserted or moved, or rows before it were removed."
    ),
    Flaw.DETAILS_REMOVED: N_("The details of row {row} were removed, and no purge says so."),
    Flaw.DETAILS_EDITED: N_("The details of row {row} were edited."),
    Flaw.CUT: N_("The end was cut: row {row} is known to {place}, and the register does not have it."),
    Flaw.REWRITTEN: N_("Row {row} is not the one that {place} knows: the trail was written anew."),
}


def verify(config: Path | None, anchors: list[str]) -> int:
    """Whether the trail can be believed; 1 when not, naming the first row that can't."""
    app = wiring.open_app(config)
    t = app.t
    report = audit.verify(app.sessions, [_anchor(text) for text in anchors])
    for path, lines in report.unreadable.items():
        note(t.many("{n} line of {path} can't be read.", "{n} lines of {path} can't be read.", lines, path=path))
    for name in report.guards_missing:
        say(t("The trigger {name} is gone, which keeps rows from being changed.", name=name))
    if report.verified.fault is not None:
        say(_told(t, report.verified.fault))
        say(t("Do not write to this register; keep a copy, and compare it with a backup. See SECURITY.md."))
    elif report.is_sound:
        _tell_sound(t, report.verified, report.anchors)
    return 0 if report.is_sound else 1


def _told(t: Catalogue, fault: Fault) -> str:
    return t(_FLAWS[fault.flaw], row=t.number(fault.seq), place=fault.place)


def _tell_sound(t: Catalogue, verified: Verified, anchors: int) -> None:
    rows = t.many(
        "{n} row verified, last {hash}.", "{n} rows verified, last {hash}.", verified.count, hash=verified.head.hex()
    )
    say(rows)
    if anchors:
        say(t.many("It agrees with {n} anchor.", "It agrees with {n} anchors.", anchors))
    else:
        say(t("No anchor was given: a trail whose end was cut, or that was written anew, would look the same."))
    if verified.purged:
        say(
            t.many(
                "The details of {n} row have been purged.", "The details of {n} rows have been purged.", verified.purged
            )
        )
    if verified.clock_back:
        say(t.many("The clock went back before {n} row.", "The clock went back before {n} rows.", verified.clock_back))


def _anchor(text: str) -> Anchor:
    found = re.fullmatch(r"([0-9]{1,18})[: ]([0-9a-fA-F]{64})", text.strip())
    if found is None:
        raise Misconfigured(
            f"{text!r} is no anchor.", next_step="It looks like 57:5f3a…, as `devreg audit anchor` prints it."
        )
    return Anchor(int(found[1]), bytes.fromhex(found[2]), text[:16])


def anchor(config: Path | None) -> None:
    """Print where the trail ends, and write it to the places of the settings."""
    app = wiring.open_app(config)
    end = audit.anchor(app.sessions, wiring.now())
    say(str(end))
    for path in audit.places(app.sessions.outside):
        note(app.t("Written to {path}.", path=path))
    if not audit.places(app.sessions.outside):
        note(app.t("The settings name no file for it: keep this line where nobody can change it."))


def export(config: Path | None, out: Path, form: str | None) -> None:
    """Write the whole trail to a file."""
    chosen = form or out.suffix.lstrip(".").lower()
    if chosen not in {"jsonl", "csv"}:
        raise Misconfigured(
            f"There is no format {chosen!r}.", next_step="Name the file .jsonl or .csv, or say --format."
        )
    app = wiring.open_app(config)
    rows = audit.export(app.sessions, app.actor(), out.name, lambda: _write(app, out, chosen), wiring.now())
    say(app.t.many("{n} row written to {path}.", "{n} rows written to {path}.", rows, path=out))


def _write(app: App, out: Path, form: str) -> int:
    from exports import files, lines  # only here and in `reporting`: openpyxl's 100 ms are for those who write files
    from exports.workbook import Rows

    browser = Browser(app.sessions, app.t.language)
    keys = browser.keys("audit", Query(sort="seq"))
    pages = (browser.rows("audit", keys[start : start + 1_000]) for start in range(0, len(keys), 1_000))
    with (
        files.replacing(out) as part,
        os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
    ):
        lines.write(
            Rows(browser.view("audit").columns, (row for page in pages for row in page)), file, lines.Format(form)
        )
    return len(keys)


def purge(config: Path | None, reason: str | None) -> None:
    """Remove who, why and the values from rows older than the settings keep them."""
    app = wiring.open_app(config)
    keep = app.loaded.settings.audit.keep_details
    if keep is None:
        raise Misconfigured(
            "The settings keep details of the audit trail for ever.",
            next_step="Set [audit] keep_details, such as 730d.",
        )
    done = audit.purge(app.sessions, app.actor(), keep, reason, wiring.now())
    t = app.t
    if not done.rows:
        say(t("No details are older than the settings keep them."))
        return
    say(
        t.many(
            "Details of {n} row removed, up to row {row}.",
            "Details of {n} rows removed, up to row {row}.",
            done.rows,
            row=t.number(done.up_to),
        )
    )
