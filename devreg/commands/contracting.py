"""contract: what people enter, change and decide about contracts."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from collectors.sheet_fields import FIELDS
from devreg import wiring
from devreg.commands.editing import typed_pairs
from devreg.domain.contract import ContractKind, Decision
from devreg.domain.device import contract_ref
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import Catalogue
from devreg.services import contracts, leases
from devreg.services.browse import Browser
from devreg.services.leases import Wish
from devreg.terminal import say
from devreg.wiring import App

_DECISIONS: Final = {"return": Decision.RETURN, "extend": Decision.EXTEND, "buy-out": Decision.BUY_OUT, "none": None}


def add(config: Path | None, fields: Sequence[str], reason: str | None) -> None:
    """Add a contract and print its number."""
    app = wiring.open_app(config)
    said = _parsed(typed_pairs(fields))
    kind, number = said.pop("kind", None), said.pop("number", None)
    if kind is None:
        raise Misconfigured("The kind is missing.", next_step=f"Say kind=, one of {', '.join(ContractKind)}.")
    given = {name: value for name, value in said.items() if value is not None}
    say(contract_ref(contracts.add(app.sessions, app.actor(), ContractKind(kind), number, given, reason, wiring.now())))


def change(config: Path | None, which: str, fields: Sequence[str], *, device: str | None, reason: str) -> None:
    """Change terms and print each as it was and as it is."""
    app = wiring.open_app(config)
    contract_id = contracts.find(app.sessions, which)
    device_id = None if device is None else _devices(app, [device])[0]
    changed = contracts.change(
        app.sessions,
        app.actor(),
        contract_id,
        _parsed(typed_pairs(fields)),
        device_id=device_id,
        reason=reason,
        now=wiring.now(),
    )
    say_changes(app.t, changed)


def end(config: Path | None, which: str, on: str | None, reason: str) -> None:
    """End a contract."""
    app = wiring.open_app(config)
    contract_id = contracts.find(app.sessions, which)
    say_changes(
        app.t, contracts.end(app.sessions, app.actor(), contract_id, _day(app, on), reason=reason, now=wiring.now())
    )


def attach(config: Path | None, which: str, devices: Sequence[str], agreed: Sequence[str], reason: str | None) -> None:
    """Put devices into a contract."""
    app = wiring.open_app(config)
    given = {name: value for name, value in _parsed(typed_pairs(agreed)).items() if value is not None}
    found, numbers = contracts.find(app.sessions, which), _devices(app, devices)
    contracts.attach(app.sessions, app.actor(), found, numbers, given, reason=reason, now=wiring.now())


def detach(config: Path | None, which: str, devices: Sequence[str], on: str | None, reason: str, *, undo: bool) -> None:
    """Take devices out of a contract."""
    app = wiring.open_app(config)
    found, numbers, day = contracts.find(app.sessions, which), _devices(app, devices), None if undo else _day(app, on)
    contracts.detach(app.sessions, app.actor(), found, numbers, day, reason=reason, now=wiring.now())


def decide(
    config: Path | None, which: str, decision: str, devices: Sequence[str], *, on: str | None, months: int | None, reason: str | None
) -> None:  # fmt: skip
    """Decide what becomes of leased devices, and say of how many."""
    if decision not in _DECISIONS:
        raise Misconfigured(f"There is no decision {decision!r}.", next_step=f"There are: {', '.join(_DECISIONS)}.")
    app = wiring.open_app(config)
    wish = Wish(_DECISIONS[decision], _day(app, on) if on is not None else None, months)
    found, numbers = contracts.find(app.sessions, which), _devices(app, devices)
    count = leases.decide(app.sessions, app.actor(), found, numbers, wish, reason=reason, now=wiring.now())
    say(app.t.many("decided about {n} device", "decided about {n} devices", count))


def returned(
    config: Path | None, which: str, devices: Sequence[str], on: str | None, reason: str | None, *, damaged: bool, undo: bool
) -> None:  # fmt: skip
    """Note that devices went back."""
    app = wiring.open_app(config)
    found, numbers, day = contracts.find(app.sessions, which), _devices(app, devices), None if undo else _day(app, on)
    leases.returned(app.sessions, app.actor(), found, numbers, day, damaged=damaged, reason=reason, now=wiring.now())


def missing(
    config: Path | None, which: str, devices: Sequence[str], on: str | None, reason: str | None, *, undo: bool
) -> None:
    """Note that devices can't be returned."""
    app = wiring.open_app(config)
    found, numbers, day = contracts.find(app.sessions, which), _devices(app, devices), None if undo else _day(app, on)
    leases.missing(app.sessions, app.actor(), found, numbers, day, reason=reason, now=wiring.now())


def document(
    config: Path | None, which: str, place: str, title: str | None, reason: str | None, *, remove: bool
) -> None:
    """Remember, or forget, where a document is."""
    app = wiring.open_app(config)
    found = contracts.find(app.sessions, which)
    if remove:
        contracts.drop_document(app.sessions, app.actor(), found, place, reason=reason or "", now=wiring.now())
    elif title is None:
        raise Misconfigured("The document's title is missing.", next_step="Say what it is: --title TEXT.")
    else:
        contracts.document(app.sessions, app.actor(), found, title, place, reason=reason, now=wiring.now())


def say_changes(t: Catalogue, changes: Mapping[str, tuple[object, object]]) -> None:
    """Each field as it was and as it is."""
    for name, (old, new) in changes.items():
        say(f"{t(label(f'contract.{name}'))}: {as_shown(t, name, old)} → {as_shown(t, name, new)}")


def as_shown(t: Catalogue, name: str, value: Any) -> str:
    """A term as people write it; a dash where nothing was said."""
    if value is None or value == "None":
        return "–"
    text = str(value)
    if name.endswith("_cents"):
        return t.money(int(text))
    if name in _DAYS and text[:4].isdigit():
        return t.date(date.fromisoformat(text))
    return t("yes") if text == "True" else t(label(text)) if name in {"kind", "decision"} else text


_DAYS: Final = frozenset({"start", "end", "ended_on", "returned_on", "missing_on", "decided_for", "extended_to"})


def _parsed(pairs: Mapping[str, str]) -> dict[str, Any]:
    """As cells of a sheet are read: `monthly_fee=18,45` is 1845 cents. None where nothing stands."""
    found: dict[str, Any] = {}
    for name, text in pairs.items():
        field = FIELDS.get(f"contract.{name}")
        if field is None:
            there = ", ".join(key.removeprefix("contract.") for key in FIELDS if key.startswith("contract."))
            raise Misconfigured(f"There is no field {name!r}.", next_step=f"There are: {there}.")
        try:
            found[field.key.removeprefix("contract.")] = field.parse(text or None)
        except ValueError as error:
            raise Misconfigured(f"{name}: {error}.") from None
    return found


def _devices(app: App, texts: Sequence[str]) -> list[int]:
    browser = Browser(app.sessions, app.t.language)
    return list(dict.fromkeys(browser.find(text) for text in texts))


def _day(app: App, text: str | None) -> date:
    """The day written, or today where the people are."""
    if text is None:
        return wiring.now().astimezone(app.t.zone).date()
    day = _parsed({"end": text})["end"]
    if not isinstance(day, date):
        raise Misconfigured(f"{text!r} is no date.", next_step="Write it like 2026-12-31.")
    return day
