"""assign, receipt, person: who has a device, the paper about it, and what somebody has."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import orjson

from devreg import wiring
from devreg.commands.editing import say_edited
from devreg.commands.span_line import span_text
from devreg.domain.device import device_ref
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import LANGUAGES, Catalogue
from devreg.ports import Query, Row
from devreg.services import custody, receipts
from devreg.services.acting import looked
from devreg.services.browse import Browser
from devreg.services.receipts import Way
from devreg.store.persons import Account
from devreg.terminal import say
from devreg.text import marked
from devreg.wiring import App

_SHOWN = ("id", "asset_tag", "kind", "model", "serial", "imei", "unit", "state", "last_seen")


def assign(
    config: Path | None,
    device: str,
    *,
    person: str | None,
    unit: str | None,
    nobody: bool,
    reason: str | None,
    out: Path | None,
) -> None:
    """Hand a device over and print each field as it was and as it is; with `out` also make the receipt."""
    custody.demand_one(person=person, unit=unit, nobody=nobody)
    app = wiring.open_app(config)
    browser = Browser(app.sessions, app.t.language)
    device_id = browser.find(device)
    edited = custody.assign(
        app.sessions, app.actor(), device_id, person=person, unit=unit, reason=reason, now=wiring.now()
    )
    say_edited(app.t, browser, edited)
    if out is not None:
        _write_receipt(app, [device_id], Way.RETURN if nobody else Way.HANDOVER, out, app.t.language)


def receipt(config: Path | None, devices: Sequence[str], kind: str, out: Path, language: str | None) -> None:
    """Make a receipt for devices that somebody has, or had until now."""
    if kind not in tuple(Way):
        raise Misconfigured(f"There is no receipt {kind!r}.", next_step=f"There are: {', '.join(Way)}.")
    app = wiring.open_app(config)
    lang = language or app.t.language
    if lang not in LANGUAGES:
        raise Misconfigured(f"There is no language {lang!r}.", next_step=f"There are: {', '.join(LANGUAGES)}.")
    browser = Browser(app.sessions, lang)
    _write_receipt(app, list(dict.fromkeys(map(browser.find, devices))), Way(kind), out, lang)


def _write_receipt(app: App, device_ids: Sequence[int], way: Way, out: Path, language: str) -> None:
    from exports import receipt as paper  # loads the workbook writer

    t = Catalogue(language, app.loaded.settings.registry.timezone)
    owner = app.loaded.settings.labels.owner
    told = receipts.drawn_up(app.sessions, Browser(app.sessions, language), device_ids, way, owner, wiring.now())
    receipts.issue(app.sessions, app.actor(), told, out.name, lambda: paper.write(told, out, t))
    say(str(out))


def person(config: Path | None, text: str, form: str) -> None:
    """Print one person: accounts, devices they have, devices they had."""
    if form not in {"table", "json"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table and json.")
    app = wiring.open_app(config)
    page = custody.person_page(app.sessions, text)
    looked(app.sessions, app.actor(), "look at a person", "person", {"who": page.who}, now=wiring.now())
    browser = Browser(app.sessions, app.t.language)
    asked = Query(where=tuple(("holder_email", address) for address in page.addresses))
    devices = browser.rows("devices", browser.keys("devices", asked))
    if form == "json":
        told = {
            **msgspec.to_builtins(page),
            "had": [{"device": device_ref(span.device_id), **msgspec.to_builtins(span)} for span in page.had],
            "devices": [{key: device[key] for key in _SHOWN} for device in devices],
        }
        print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
        return
    for line in _page_lines(app.t, page, devices):
        say(marked(line))


def _page_lines(t: Catalogue, page: custody.PersonPage, devices: Sequence[Row]) -> Iterator[str]:
    name = next((account.name for account in page.accounts if account.name), page.who)
    yield name
    yield "  " + ", ".join(page.addresses)
    yield from _account_lines(t, page.accounts)
    yield ""
    yield t("Devices") if devices else t("No devices")
    for device in devices:
        named = (device["asset_tag"], t(label(str(device["kind"]))) if device["kind"] else None, device["model"])
        what = " ".join(str(part) for part in named if part)
        yield f"  {device['id']}  {what}  {device['serial'] or device['imei'] or ''}  {device['unit'] or ''}".rstrip()
    if page.had:
        yield ""
        yield t("Had before")
        yield from (f"  {device_ref(span.device_id)}  {span_text(t, span)}" for span in page.had)


def _account_lines(t: Catalogue, accounts: Sequence[Account]) -> Iterator[str]:
    if not accounts:
        yield "  " + t("No directory knows this person.")
    for account in accounts:
        state = {True: t("open"), False: t("closed"), None: t("not known")}[account.active]
        said = [t("deleted") if account.is_gone else state, account.department or ""]
        if account.leave_date is not None:
            said.append(t("leaves {date}", date=t.date(account.leave_date)))
        yield f"  {account.source}: {', '.join(part for part in said if part)}"
