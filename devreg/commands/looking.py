"""list, show: reading the register."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import orjson

from devreg import wiring
from devreg.commands import run_page
from devreg.commands.following import follow, weigh
from devreg.commands.span_line import span_text
from devreg.domain.device import intent_ref, parse_ref
from devreg.domain.policy import HAND
from devreg.domain.words import label
from devreg.errors import Misconfigured, NotFound
from devreg.field_columns import read_back
from devreg.i18n import N_, Catalogue
from devreg.ports import Column, ColumnType
from devreg.services import units
from devreg.services.acting import looked
from devreg.services.browse import Browser, ContractLine, DevicePage, FieldLine, Query
from devreg.services.equality import UNIT_MEASURES
from devreg.store.intents import Intent
from devreg.terminal import note, say, shown, table
from devreg.text import marked
from devreg.wiring import App

_NAMING = frozenset({"holder", "holder_email", "last_user", "owner", "owner_email"})
"""Columns that name a person: a list of what one of them has is told in the audit trail."""


def list_view(
    config: Path | None,
    view: str,
    *,
    search: str,
    where: Sequence[str],
    sort: str | None,
    columns: str | None,
    limit: int | None,
    form: str,
    count: str | None = None,
) -> None:
    """Print a list, or the values of one of its columns with how many rows have each."""
    app = wiring.open_app(config)
    follow(app)
    if view == "offers":
        weigh(app)
    browser = Browser(app.sessions, app.t.language)
    info = browser.view(view)
    is_units = view == "units"
    by_key = {column.key: column for column in (*info.columns, *(UNIT_MEASURES if is_units else ()))}
    default = (units.SHOWN if is_units else info.shown) if form == "table" else tuple(by_key)
    chosen = tuple(columns.split(",")) if columns else default
    for key in (*chosen, *([count] if count else ())):
        if key not in by_key:
            raise Misconfigured(f"The list {view} has no column {key}.", next_step=f"It has: {', '.join(by_key)}.")
    descending = bool(sort and sort.startswith("-"))
    asked = Query(
        search, tuple(condition(text) for text in where), sort.lstrip("-") if sort else None, descending, limit
    )
    whose = {key: value for key, value in asked.where if key in _NAMING}
    if whose:
        looked(app.sessions, app.actor(), f"list {view}", "person", whose, now=wiring.now())
    if count:
        _print_counts(app, browser, view, asked, by_key[count], form)
        return
    if not is_units:
        found = browser.rows(view, browser.keys(view, asked))
        print_rows(app.t, [by_key[key] for key in chosen], found, form, all_asked=columns is not None)
        return
    rows = units.rows(browser, app.sessions, app.loaded.settings.equality, asked, wiring.now())
    print_rows(app.t, [by_key[key] for key in chosen], rows, form, all_asked=columns is not None)
    for row in rows:
        if row["trouble"]:
            note(f"{row['unit']}: {app.t.said(str(row['trouble']))}")


def _print_counts(app: App, browser: Browser, view: str, asked: Query, column: Column, form: str) -> None:
    """The column's values, most frequent first; stored as text, so a table shows only words and sentences as such."""
    number = Column("rows", N_("Rows"), ColumnType.INTEGER, 8)
    as_text = (
        column
        if column.type in {ColumnType.WORD, ColumnType.SENTENCE}
        else msgspec.structs.replace(column, type=ColumnType.TEXT)
    )
    counted = browser.facets(view, asked, column.key)[: asked.limit]
    print_rows(app.t, [as_text, number], [{column.key: value, "rows": n} for value, n in counted], form)


def print_rows(
    t: Catalogue, columns: Sequence[Column], rows: Sequence[object], form: str, *, all_asked: bool = False
) -> None:
    """Rows in the form asked for; everything but a table keeps the stored words and ISO dates."""
    from exports import lines  # the composition root's side of the command line: only here and in `reporting`
    from exports.workbook import Rows

    if form == "table":
        table(t, columns, rows, all_asked=all_asked)  # type: ignore[arg-type]
        return
    if form not in {"csv", "json", "jsonl"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table, csv, json and jsonl.")
    kept = [{column.key: row[column.key] for column in columns} for row in rows]  # type: ignore[index]
    lines.write(Rows(tuple(columns), kept), sys.stdout.buffer, lines.Format(form))


def condition(text: str) -> tuple[str, str]:
    """Column and value of `--where COL=VAL`."""
    key, sign, value = text.partition("=")
    if not sign:
        raise Misconfigured(f"--where {text!r} is not COL=VAL.")
    return key, value


def show(config: Path | None, device: str, form: str) -> None:
    """Print one device, or one run."""
    if form not in {"table", "json"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table and json.")
    app = wiring.open_app(config)
    follow(app)
    browser = Browser(app.sessions, app.t.language)
    try:
        number = browser.find(device)
    except NotFound:
        run = parse_ref("R", device)  # after every device: a tag may look like a run
        if run is None:
            raise
        run_page.show_run(app, run, form)
        return
    page = browser.device(number)
    if form == "json":
        print(orjson.dumps(_as_json(page), option=orjson.OPT_INDENT_2).decode())
        return
    columns = {column.key: column for column in browser.view("devices").columns}
    for line in _page_lines(app.t, page, columns):
        say(line)


def _as_json(page: DevicePage) -> dict[str, object]:
    return {
        "id": page.ref,
        "fields": {line.name: _field_as_json(line) for line in page.fields},
        "overridden": [line.name for line in page.fields if line.against is not None],
        "identifiers": [{"type": kind, "value": value} for kind, value in page.identifiers],
        "records": [
            _plain(r, ("source", "native_id", "rung", "first_seen", "last_seen", "gone_at", "body", "volatile"))
            for r in page.records
        ],
        "history": [msgspec.to_builtins(line) for line in page.history],
        "contracts": [msgspec.to_builtins(line) for line in page.contracts],
        "custody": [msgspec.to_builtins(span) for span in page.custody],
        "ports": [msgspec.to_builtins(port) for port in page.ports],
        "gauges": [msgspec.to_builtins(gauge) for gauge in page.gauges],
        "reviews": list(page.reviews),
        "alarms": list(page.alarms),
        "actions": [{"action": intent_ref(found.id), **msgspec.to_builtins(found)} for found in page.actions],
    }


def _field_as_json(line: FieldLine) -> dict[str, object]:
    losers = [_plain(claim, ("value", "source", "seen_at")) for claim in line.losers]
    return {**_plain(line, ("value", "source", "rule", "word")), "losers": losers}


def _plain(thing: object, names: Sequence[str]) -> dict[str, object]:
    return {name: msgspec.to_builtins(getattr(thing, name)) for name in names}


def _field_lines(t: Catalogue, line: FieldLine, column: Column, width: int) -> Iterator[str]:
    """The value with its source and rule; who gave it, if a person did; and what others say, with source and time."""
    yield f"{t(line.label):<{width}}  {shown(t, column, line.value) or '–'}  ({source_name(t, line.source)}; {t(line.rule)})"
    indent = " " * (width + 4)
    if line.word is not None:
        by, reason = line.word.by, line.word.reason
        until = t("{by}, until {date}", by=by, date=t.date(line.word.until)) if line.word.until is not None else by
        yield f"{indent}{until}: {reason}"
    for loser in line.losers:
        if loser.value != line.value:
            seen = t.datetime(loser.seen_at) if loser.seen_at else "–"
            when = seen if loser.live else t("{date}, history", date=seen)
            yield f"{indent}≠ {shown(t, column, loser.value) or '–'}  ({source_name(t, loser.source)}, {when})"


def contract_lines(t: Catalogue, line: ContractLine) -> Iterator[str]:
    """A contract the device is in: what it is, how the device stands in it, and what it costs."""
    yield f"{line.ref} {t(label(line.kind))} {line.number} {line.supplier or ''}".rstrip()
    stands = [t(label(line.state))] if line.state else []
    if line.decision:
        stands.append(t("decided: {decision}", decision=t(label(line.decision))))
    for text, day in (
        (N_("ends {date}"), line.end),
        (N_("notice by {date}"), line.notice_by),
        (N_("return by {date}"), line.return_by),
    ):
        if day is not None:
            stands.append(t(text, date=t.date(day)))
    if line.next_on is not None:
        stands.append(t("next: {date}", date=t.date(line.next_on)))
    yield f"    {', '.join(stands)}"
    costs = ((N_("{money} a month"), line.monthly_fee_cents), (N_("so far {money}"), line.cost_so_far_cents),
             (N_("to the end {money}"), line.cost_to_end_cents))  # fmt: skip
    said = [t(text, money=t.money(cents)) for text, cents in costs if cents is not None]
    if said:
        yield f"    {', '.join(said)} ({t('no VAT')})"


def action_line(t: Catalogue, found: Intent) -> str:
    """`A000012 wipe: accepted by the tool (24.11.2026 10.15, anna)`."""
    when = f"{t.datetime(found.requested_at)}, {found.requested_by}"
    return f"{intent_ref(found.id)} {t(label(found.bound.act))}: {t(label(found.standing))}  ({when})"


def source_name(t: Catalogue, name: str) -> str:
    """A source as people know it."""
    return t("by hand") if name == HAND else name


def _kept(t: Catalogue, field: str, text: str | None) -> str:
    return "–" if text is None else shown(t, *read_back(field, text))


def _page_lines(t: Catalogue, page: DevicePage, columns: Mapping[str, Column]) -> list[str]:
    lines = [page.ref, *(f"! {t.said(told)}" for told in page.alarms), ""]
    width = max((len(t(line.label)) for line in page.fields), default=0)
    for line in page.fields:
        lines.extend(_field_lines(t, line, columns[line.name], width))
    if against := sum(line.against is not None for line in page.fields):
        told = t.many("{n} value stands against a source", "{n} values stand against a source", against)
        lines += ["", f"{told}:", f"  devreg list overridden --where device_id={page.ref}"]
    lines += ["", t("Identifiers")]
    lines += [f"  {t(label(kind))}: {value}" for kind, value in page.identifiers]
    lines += ["", t("Source records")]
    for record in page.records:
        state = (
            t("gone since {time}", time=t.datetime(record.gone_at)) if record.gone_at else t.datetime(record.last_seen)
        )
        lines.append(f"  {record.source}: {record.native_id}  {state}")
    if page.contracts:
        lines += ["", t("Contracts")]
        lines += [f"  {line}" for contract in page.contracts for line in contract_lines(t, contract)]
    if page.actions:
        lines += ["", t("Remote actions"), *(f"  {action_line(t, found)}" for found in page.actions)]
    if page.custody:
        lines += ["", t("Who had it"), *(f"  {span_text(t, span)}" for span in page.custody)]
    if page.reviews:
        lines += ["", t("To review"), *(f"  {t.said(question)}" for question in page.reviews)]
    if page.history:
        lines += ["", t("History")]
        for c in page.history[:20]:
            why = f"; {t.said(c.reason)}" if c.reason else ""
            lines.append(
                f"  {t.datetime(c.at)}  {t(label(c.field))}: {_kept(t, c.field, c.old)} → {_kept(t, c.field, c.new)}"
                f"  ({source_name(t, c.by)}{why})"
            )
    return [marked(line) for line in lines]
