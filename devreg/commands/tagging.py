"""tag, label: asset tags of the register's own series, and the labels they are printed on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from devreg import wiring
from devreg.commands.looking import condition
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.services import tags
from devreg.services.browse import Browser, Query
from devreg.services.tags import Tagged
from devreg.terminal import note, say
from devreg.wiring import App

_SERIAL_END: Final = 8
"""Characters of a serial number that tell devices of one city apart."""
_REASON: Final = N_("an asset tag for its label")


def upcoming(config: Path | None, count: int) -> None:
    """Print what would be given next."""
    app = wiring.open_app(config)
    for tag in tags.upcoming(app.sessions, app.loaded.settings.tags.series, count):
        say(tag)


def issue(
    config: Path | None, devices: Sequence[str], count: int | None, *, reason: str | None, out: Path | None, skip: int
) -> None:
    """Give tags, print one a line, and write their labels where asked."""
    app = wiring.open_app(config)
    series, now = app.loaded.settings.tags.series, wiring.now()
    if bool(devices) == (count is not None):
        raise Misconfigured("Name devices, or say how many tags with --count; not both.")
    if count is None:
        tagged = _give(app, _numbers(app, devices, ()), reason)
        for item in tagged:
            say(f"{item.ref} {item.tag}")
        if out is not None:
            _write(app, tagged, out, skip)
        return
    given = tags.issue(app.sessions, app.actor(), series, count, reason, now)
    for tag in given:
        say(tag)
    if out is not None:
        _write_labels(app, [(tag, None) for tag in given], out, skip)


def label(
    config: Path | None,
    devices: Sequence[str],
    where: Sequence[str],
    *,
    out: Path,
    issue: bool,
    reason: str | None,
    skip: int,
) -> None:
    """Write labels of devices. Raises Refused when one has no tag and none is to be given."""
    app = wiring.open_app(config)
    numbers = _numbers(app, devices, where)
    _write(app, _give(app, numbers, reason) if issue else tags.tagged(app.sessions, numbers), out, skip)


def _numbers(app: App, devices: Sequence[str], where: Sequence[str]) -> list[int]:
    browser = Browser(app.sessions, app.t.language)
    found = [browser.find(text) for text in devices]
    if where:
        asked = Query(where=tuple(condition(text) for text in where))
        found += [int(key) for key in browser.keys("devices", asked)]
    if not found:
        raise Misconfigured("No device to make a label for.", next_step="Name devices, or choose them with --where.")
    return list(dict.fromkeys(found))


def _give(app: App, numbers: Sequence[int], reason: str | None) -> list[Tagged]:
    """Each device with its tag; those given now are told."""
    series, actor = app.loaded.settings.tags.series, app.actor()
    tagged = tags.issue_to(app.sessions, actor, series, numbers, reason or _REASON, wiring.now())
    new = sum(item.is_new for item in tagged)
    if new:
        note(app.t.many("{n} asset tag given", "{n} asset tags given", new))
    return tagged


def _write(app: App, tagged: Sequence[Tagged], out: Path, skip: int) -> None:
    browser = Browser(app.sessions, app.t.language)
    rows = browser.rows("devices", [item.device_id for item in tagged])
    serials = {str(row["id"]): row["serial"] for row in rows}
    _write_labels(app, [(item.tag, serials.get(item.ref)) for item in tagged], out, skip)


def _write_labels(app: App, said: Sequence[tuple[str, object]], out: Path, skip: int) -> None:
    from exports import labels  # loads a writer of PDF: only who prints needs it

    made = [labels.Label(tag, str(serial)[-_SERIAL_END:] if serial else None) for tag, serial in said]
    pages = labels.write(made, app.loaded.settings.labels, out, skip=skip)
    counted = app.t.many("{n} label", "{n} labels", len(made))
    on = app.t.many("{n} page", "{n} pages", pages)
    note(f"{out}: {counted}, {on}")
