"""list, show: reading the register."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import orjson

from devreg import wiring
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import Catalogue
from devreg.ports import Column
from devreg.services.browse import Browser, DevicePage, Query
from devreg.terminal import say, shown, table
from devreg.text import marked


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
) -> None:
    """Print a list."""
    app = wiring.open_app(config)
    browser = Browser(app.sessions, app.t.language)
    info = browser.view(view)
    by_key = {column.key: column for column in info.columns}
    default = info.shown if form == "table" else tuple(by_key)
    chosen = tuple(columns.split(",")) if columns else default
    for key in chosen:
        if key not in by_key:
            raise Misconfigured(f"The list {view} has no column {key}.", next_step=f"It has: {', '.join(by_key)}.")
    descending = bool(sort and sort.startswith("-"))
    asked = Query(
        search, tuple(_condition(text) for text in where), sort.lstrip("-") if sort else None, descending, limit
    )
    rows = browser.rows(view, browser.keys(view, asked))
    print_rows(app.t, [by_key[key] for key in chosen], rows, form)


def print_rows(t: Catalogue, columns: Sequence[Column], rows: Sequence[object], form: str) -> None:
    """Rows in the form asked for; everything but a table keeps the stored words and ISO dates."""
    from exports import lines  # the composition root's side of the command line: only here and in `reporting`
    from exports.workbook import Rows

    kept = [{column.key: row[column.key] for column in columns} for row in rows]  # type: ignore[index]
    if form == "table":
        table(t, columns, kept)
        return
    if form not in {"csv", "json", "jsonl"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table, csv, json and jsonl.")
    lines.write(Rows(tuple(columns), kept), sys.stdout.buffer, lines.Format(form))


def _condition(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise Misconfigured(f"--where {text!r} is not COL=VAL.")
    return key, value


def show(config: Path | None, device: str, form: str) -> None:
    """Print one device."""
    if form not in {"table", "json"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table and json.")
    app = wiring.open_app(config)
    browser = Browser(app.sessions, app.t.language)
    page = browser.device(browser.find(device))
    if form == "json":
        print(orjson.dumps(_as_json(page), option=orjson.OPT_INDENT_2).decode())
        return
    columns = {column.key: column for column in browser.view("devices").columns}
    for line in _page_lines(app.t, page, columns):
        say(line)


def _as_json(page: DevicePage) -> dict[str, object]:
    claims = {line.name: [_plain(c, ("value", "source", "seen_at")) for c in line.losers] for line in page.fields}
    return {
        "id": page.ref,
        "fields": {
            line.name: {**_plain(line, ("value", "source", "rule")), "losers": claims[line.name]}
            for line in page.fields
        },
        "identifiers": [{"type": kind, "value": value} for kind, value in page.identifiers],
        "records": [
            _plain(r, ("source", "native_id", "rung", "first_seen", "last_seen", "gone_at", "body", "volatile"))
            for r in page.records
        ],
        "history": [msgspec.to_builtins(line) for line in page.history],
        "contracts": [msgspec.to_builtins(line) for line in page.contracts],
        "ports": [msgspec.to_builtins(port) for port in page.ports],
        "reviews": list(page.reviews),
        "alarms": list(page.alarms),
        "actions": [],
    }


def _plain(thing: object, names: Sequence[str]) -> dict[str, object]:
    return {name: msgspec.to_builtins(getattr(thing, name)) for name in names}


def _page_lines(t: Catalogue, page: DevicePage, columns: Mapping[str, Column]) -> list[str]:
    lines = [page.ref, *(f"! {t.said(told)}" for told in page.alarms), ""]
    width = max((len(t(line.label)) for line in page.fields), default=0)
    for line in page.fields:
        lines.append(
            f"{t(line.label):<{width}}  {shown(t, columns[line.name], line.value)}  ({line.source}; {t(line.rule)})"
        )
        lines.extend(
            f"{'':<{width}}    {shown(t, columns[line.name], loser.value)}  ({loser.source})"
            for loser in line.losers
            if loser.value != line.value
        )
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
        lines += [
            f"  {c.ref} {t(label(c.kind))} {c.number} {c.supplier or ''} {t.date(c.end) if c.end else ''}".rstrip()
            for c in page.contracts
        ]
    if page.reviews:
        lines += ["", t("To review"), *(f"  {t.said(question)}" for question in page.reviews)]
    if page.history:
        lines += ["", t("History")]
        lines += [
            f"  {t.datetime(c.at)}  {t(label(c.field))}: {c.old or '–'} → {c.new or '–'}  ({c.by})"
            for c in page.history[:20]
        ]
    return [marked(line) for line in lines]
