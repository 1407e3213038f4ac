"""contract show: one contract on paper."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import orjson

from devreg import wiring
from devreg.commands.contracting import as_shown
from devreg.commands.following import follow
from devreg.commands.looking import source_name
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import Catalogue
from devreg.services import contracts
from devreg.services.contract_page import ContractPage, MemberLine, NoteLine, look
from devreg.terminal import say
from devreg.text import marked


def show(config: Path | None, which: str, form: str) -> None:
    """Print one contract."""
    if form not in {"table", "json"}:
        raise Misconfigured(f"There is no format {form!r}.", next_step="There are table and json.")
    app = wiring.open_app(config)
    follow(app)
    page = look(app.sessions, contracts.find(app.sessions, which))
    if form == "json":
        say(orjson.dumps(msgspec.to_builtins(page), option=orjson.OPT_INDENT_2).decode())
        return
    for line in _lines(app.t, page):
        say(marked(line))


def _lines(t: Catalogue, page: ContractPage) -> Iterator[str]:
    yield f"{page.id} {t(label(page.kind))} {page.number}  {t(label(page.state))}  ({source_name(t, page.source)})"
    for text, day in ((t("Ends"), page.ends), (t("Notice by"), page.notice_by), (t("Next date"), page.next_on)):
        if day is not None:
            yield f"  {text}: {t.date(day)}"
    yield ""
    for term in page.terms:
        against = (
            t("the source says {value}", value=as_shown(t, term.name, term.source_says))
            if term.source_says is not None
            else ""
        )
        who = ", ".join(part for part in (t("by hand") if term.by_hand else "", against) if part)
        yield f"  {t(label(f'contract.{term.name}'))}: {as_shown(t, term.name, term.value)}" + (
            f"  ({who})" if who else ""
        )
    yield from ["", t("Devices"), *(line for member in page.devices for line in _member(t, member))]
    if page.documents:
        yield from ["", t("Documents"), *(f"  {title}: {place}" for title, place in page.documents)]
    if page.history:
        yield from ["", t("History"), *(_note(t, line) for line in page.history)]


def _member(t: Catalogue, member: MemberLine) -> Iterator[str]:
    decided = t("decided: {decision}", decision=t(label(member.decision))) if member.decision else ""
    by = f"{decided} ({member.decided_by})" if decided and member.decided_by else decided
    until = t("ends {date}", date=t.date(member.ends)) if member.ends else ""
    following = t("next: {date}", date=t.date(member.next_on)) if member.next_on else ""
    yield f"  {member.ref or '–'} {member.name or ''}  " + ", ".join(
        part for part in (t(label(member.state)), by, until, following) if part
    )


def _note(t: Catalogue, line: NoteLine) -> str:
    why = f"; {t.said(line.reason)}" if line.reason else ""
    change = f"{as_shown(t, line.field, line.old)} → {as_shown(t, line.field, line.new)}"
    about = f"{line.device} " if line.device else ""
    return f"  {t.datetime(line.at)}  {about}{t(label(f'contract.{line.field}'))}: {change}  ({source_name(t, line.by)}{why})"
