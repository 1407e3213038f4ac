"""What a device's page says, section by section, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from devreg.domain.fields import DEVICE_FIELDS
from devreg.domain.observation import Gauge, Port
from devreg.domain.policy import HAND
from devreg.domain.provenance import Claim
from devreg.field_columns import read_back
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from tui.cells import cell, loose, word
from tui.plain import Line, Span, fit, wrap
from tui.screens.page import labelled
from tui.widgets.paper import Section

if TYPE_CHECKING:
    from devreg.services.browse import ChangeLine, ContractLine, DevicePage, FieldLine, RecordLine

_VALUE: Final = 56
"""Cells a value takes at most before it is wrapped, so that source and rule stay near it on a wide screen."""
_WORDS: Final = {name for name, field in DEVICE_FIELDS.items() if field.members is not None}
_ID_LABELS: Final = {
    "serial": N_("Serial number"),
    "imei": N_("IMEI"),
    "meid": N_("MEID"),
    "mac": N_("MAC address"),
    "asset_tag": N_("Asset tag"),
}


def sections(page: DevicePage, width: int, t: Catalogue) -> list[Section]:
    """Every part of the page that has something to say, fields first; alarms and open questions before all."""
    parts = [
        Section(
            t("Alarms"),
            [line for text in page.alarms for line in _wrapped(t.said(text), width, "warn")],
            len(page.alarms),
        ),
        Section(
            t("Open questions"),
            [line for text in page.reviews for line in _wrapped(t.said(text), width, "warn")],
            len(page.reviews),
        ),
        Section(t("Fields"), [line for field in page.fields for line in _field(field, width, t)], len(page.fields)),
        Section(t("Identifiers"), _identifiers(page, width, t), len(page.identifiers)),
        Section(
            t("Contracts"), [line for item in page.contracts for line in _contract(item, width, t)], len(page.contracts)
        ),
        Section(t("Ports"), _ports(page.ports, width, t), len(page.ports)),
        Section(t("Supplies and sensors"), [_gauge(item, width, t) for item in page.gauges], len(page.gauges)),
        Section(
            t("Records"), [line for record in page.records for line in _record(record, width, t)], len(page.records)
        ),
        Section(
            t("History"), [line for change in page.history for line in _change(change, width, t)], len(page.history)
        ),
    ]
    return [part for part in parts if part.size]


def field_text(name: str, value: object, t: Catalogue) -> str:
    """A device field's value in words."""
    if name in _WORDS and isinstance(value, str):
        return word(value, t)
    if name.endswith("_bytes"):
        return cell(Column(name, "", ColumnType.BYTES), value, t).text
    if name.endswith("_cents"):
        return cell(Column(name, "", ColumnType.MONEY_CENTS), value, t).text
    if name == "vat_rate":
        return t.number(float(str(value)), 1)
    return loose(value, t)


def _field(field: FieldLine, width: int, t: Catalogue) -> list[Line]:
    label, value, source = _field_columns(width)
    text = field_text(field.name, field.value, t) or "–"
    pieces = wrap(text, value)
    first: Line = (
        Span(fit(t(field.label), label) + "  ", "dim"),
        Span(fit(pieces[0], value) + "  ", "strong"),
        Span(fit(_source(field.source, t), source) + "  ", "link"),
        Span(t(field.rule), "dim"),
    )
    more: list[Line] = [(Span(" " * (label + 2)), Span(piece, "strong")) for piece in pieces[1:]]
    if field.word is not None:
        until = field.word.until
        who = t("{by}, until {date}", by=field.word.by, date=t.date(until)) if until is not None else field.word.by
        said = wrap(f"{who}: {field.word.reason}", max(1, width - label - 2))
        more += [(Span(" " * (label + 2)), Span(piece, "dim")) for piece in said]
    others = [claim for claim in field.losers if claim.value != field.value]
    return [first, *more, *(_loser(field.name, claim, width, t) for claim in others)]


def _source(name: str, t: Catalogue) -> str:
    return t("by hand") if name == HAND else name


def _loser(name: str, claim: Claim, width: int, t: Catalogue) -> Line:
    label, value, source = _field_columns(width)
    seen = "" if claim.seen_at is None else t.date(claim.seen_at)
    return (
        Span(fit("≠", label, right=True) + "  ", "dim"),
        Span(fit(field_text(name, claim.value, t) or "–", value) + "  "),
        Span(fit(_source(claim.source, t), source) + "  ", "dim"),
        Span(seen if claim.live else t("{date}, history", date=seen).lstrip(", "), "dim"),
    )


def _field_columns(width: int) -> tuple[int, int, int]:
    label = min(22, max(10, width // 4))
    source = min(16, max(8, width // 6))
    rule = min(36, max(12, width // 4))
    return label, min(_VALUE, max(8, width - label - source - rule - 6)), source


def _identifiers(page: DevicePage, width: int, t: Catalogue) -> list[Line]:
    return [line for kind, value in page.identifiers for line in labelled(t(_ID_LABELS.get(kind, kind)), value, width)]


def _record(record: RecordLine, width: int, t: Catalogue) -> list[Line]:
    seen = t("seen {first} – {last}", first=t.date(record.first_seen), last=t.datetime(record.last_seen))
    gone = "" if record.gone_at is None else t("not listed since {date}", date=t.date(record.gone_at))
    head: Line = (
        Span(record.source, "strong link"),
        Span(f"  {word(record.kind, t)} {record.native_id}"),
        Span(f"  {word(record.rung, t)}", "dim"),
    )
    lines: list[Line] = [head, (Span("  " + seen, "dim"), Span("  " + gone, "warn"))]
    for key, value in [*record.body.items(), *record.volatile.items()]:
        lines += [(Span("  "), *line) for line in labelled(key, loose(value, t), width - 2)]
    return [*lines, ()]


def _change(change: ChangeLine, width: int, t: Catalogue) -> list[Line]:
    field = DEVICE_FIELDS.get(change.field)
    name = t(field.label) if field is not None else word(change.field, t)
    old, new = (_stored(change.field, value, t) for value in (change.old, change.new))
    by = f"{change.by}, {change.run}" if change.run else change.by
    when = fit(t.datetime(change.at), 17)
    lines = wrap(f"{name}: {old} → {new}", max(1, width - 19))
    first: Line = (Span(when + "  ", "dim"), Span(lines[0]))
    more: list[Line] = [(Span(" " * 19), Span(line)) for line in lines[1:]]
    return [first, *more, (Span(" " * 19), Span(by, "dim"))]


def _stored(name: str, value: str | None, t: Catalogue) -> str:
    if value is None:
        return t("not said")
    field, revived = read_back(name, value)
    return field_text(name, revived, t) if name in DEVICE_FIELDS else cell(field, revived, t).text


def _contract(item: ContractLine, width: int, t: Catalogue) -> list[Line]:
    fee = "" if item.monthly_fee_cents is None else t("{money} a month", money=t.money(item.monthly_fee_cents))
    state = word(item.state, t) if item.state else ""
    told = " · ".join(part for part in (word(item.kind, t), state, item.supplier or "", fee) if part)
    term = " – ".join("…" if day is None else t.date(day) for day in (item.start, item.end))
    return [
        (Span(item.ref, "strong link"), Span(f"  {item.number}", "strong"), Span(f"  {term}", "dim")),
        *[(Span("  "), *line) for line in _wrapped(told, width - 2, "")],
    ]


def _ports(ports: Sequence[Port], width: int, t: Catalogue) -> list[Line]:
    alias = max(8, width - 48)
    lines: list[Line] = []
    for port in ports:
        up = port.oper == "up"
        speed = "" if not port.speed_bps else _speed(port.speed_bps, t)
        lines.append(
            (
                Span(fit(port.name, 16) + "  ", "strong" if up else ""),
                Span(fit(word(port.oper, t) if port.oper else "", 12), "good" if up else "dim"),
                Span(fit(speed, 11, right=True) + "  ", "dim"),
                Span(fit(port.alias or "", alias)),
            )
        )
    return lines


def _gauge(item: Gauge, width: int, t: Catalogue) -> Line:
    level = ""
    if item.value is not None:
        level = (
            t.percent(item.value / item.maximum)
            if item.maximum
            else f"{t.number(item.value)} {word(item.unit or '', t)}"
        )
    needs_care = item.state in {"empty", "low", "depleted", "battery"}
    return (
        Span(fit(word(item.kind, t), 16) + "  "),
        Span(fit(level, 10, right=True) + "  ", "strong"),
        Span(fit(word(item.state, t) if item.state else "", 14) + "  ", "warn" if needs_care else "dim"),
        Span(fit(word(item.name, t), max(8, width - 46)), "dim"),
    )


def _speed(bits: int, t: Catalogue) -> str:
    if bits >= 10**9:
        return t("{n} Gbit/s", n=t.number(bits / 10**9, 0 if bits % 10**9 == 0 else 1))
    return t("{n} Mbit/s", n=t.number(bits / 10**6))


def _wrapped(text: str, width: int, ink: str) -> list[Line]:
    return [(Span(piece, ink),) for piece in wrap(text, width)]
