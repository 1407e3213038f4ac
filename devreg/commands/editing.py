"""add, set: what people enter by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from collectors.sheet_cells import money_cents
from devreg import wiring
from devreg.domain.device import device_ref
from devreg.errors import Misconfigured
from devreg.i18n import Catalogue
from devreg.services import devices, editing, tags
from devreg.services.browse import Browser
from devreg.terminal import say, shown
from devreg.wiring import App


def add(config: Path | None, fields: Sequence[str], reason: str | None) -> None:
    """Add a device and print its number."""
    app = wiring.open_app(config)
    claims = devices.parse_fields(pairs(app, fields))
    say(device_ref(devices.add(app.sessions, app.actor(), claims, reason, wiring.now())))


def edit(config: Path | None, device: str, fields: Sequence[str], *, reason: str, until: str | None) -> None:
    """Give a device's fields a person's value, or take it back; print each field as it was and as it is."""
    app = wiring.open_app(config)
    t, wanted = app.t, editing.parse(pairs(app, fields))
    browser = Browser(app.sessions, t.language)
    page = browser.device(browser.find(device))
    seen = {line.name: line.value for line in page.fields}
    edited = editing.edit(
        app.sessions,
        app.actor(),
        page.device_id,
        wanted,
        reason=reason,
        until=_last_moment(t, until) if until is not None else None,
        expected={name: seen.get(name) for name in wanted},
        now=wiring.now(),
    )
    say_edited(t, browser, edited)


def say_edited(t: Catalogue, browser: Browser, edited: Sequence[editing.Edited]) -> None:
    """Print each field as it was and as it is."""
    columns = {column.key: column for column in browser.view("devices").columns}
    for item in edited:
        old, new = (shown(t, columns[item.field], value) or "–" for value in (item.old, item.new))
        change = f"{t(columns[item.field].label)}: {old} → {new}"
        say(change if item.until is None else t("{by}, until {date}", by=change, date=t.date(item.until)))


def pairs(app: App, fields: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE, each once; a price in euros becomes cents. Raises Misconfigured."""
    found = typed_pairs(fields)
    if "price_cents" in found:
        raise Misconfigured("There is no field 'price_cents'.", next_step="Write price=999,90: it is in euros.")
    if "price" in found:
        found["price_cents"] = _cents(found.pop("price"))
    if "asset_tag" in found:
        tags.demand_well_typed(app.loaded.settings.tags.series, found["asset_tag"])
    return found


def typed_pairs(fields: Sequence[str]) -> dict[str, str]:
    """FIELD=VALUE as typed, each once. Raises Misconfigured."""
    found: dict[str, str] = {}
    for text in fields:
        name, sign, value = text.partition("=")
        if not sign:
            raise Misconfigured(f"{text!r} is not FIELD=VALUE.")
        if name in found:
            raise Misconfigured(f"{name} is given twice.")
        found[name] = value
    return found


def _cents(text: str) -> str:
    """As a sheet's cell is read; "" for "", which takes the price back."""
    try:
        cents = money_cents(text)
    except ValueError as error:
        raise Misconfigured(f"price: {error}.", next_step="Write it like 999,90.") from None
    return "" if cents is None else str(cents)


def _last_moment(t: Catalogue, text: str) -> datetime:
    """The end of a day where the people are."""
    return datetime.combine(day_of(text), time.max, t.zone).astimezone(UTC)


def day_of(text: str) -> date:
    """A day, written 2026-12-31 or 31.12.2026."""
    try:
        return datetime.strptime(text, "%d.%m.%Y").date() if "." in text else date.fromisoformat(text)  # noqa: DTZ007  a day
    except ValueError:
        raise Misconfigured(f"{text!r} is no date.", next_step="Write it like 2026-12-31.") from None
