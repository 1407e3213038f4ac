"""collect --due: sources and reports whose time has come."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from devreg import wiring
from devreg.commands.collecting import collect_each, exit_code, follow_actions, notify, tell
from devreg.commands.reporting import write_circulation, write_contracts, write_equality, write_inventory, write_phones
from devreg.domain.device import run_ref
from devreg.domain.schedule import Due
from devreg.domain.words import label
from devreg.errors import AlreadyRunning, DatabaseUnavailable, DevregError
from devreg.i18n import N_
from devreg.services import equality
from devreg.services import schedule as service
from devreg.services.carriers import Message, Post
from devreg.terminal import note, say
from devreg.timed import Report
from devreg.wiring import App
from exports.equality_findings import sentences

_WRITERS: Final = {
    "equality": write_equality,
    "phones": write_phones,
    "circulation": write_circulation,
    "contracts": write_contracts,
}
_TITLES: Final = {
    "equality": N_("Equality report: pupil devices"),
    "circulation": N_("Devices that go round, and devices that lie idle"),
}


def run_due(app: App, names: Sequence[str], *, dry_run: bool) -> int:
    """Read the sources that are due, of these or all, then write the reports that are; 3 when all of it was already running.

    Named sources alone, or a dry run, leave reports out.
    """
    sources = {source.name: source for source in app.named(names)}
    reports = {} if names or dry_run else app.loaded.settings.reports
    keyed = {service.report_key(name): report for name, report in reports.items()}
    plans = {(name, job): plan for name, source in sources.items() for job, plan in source.options.schedules.items()}
    plans |= {(key, None): report.schedule for key, report in keyed.items()}
    zone = ZoneInfo(app.loaded.settings.registry.timezone)
    due = service.what_is_due(app.sessions, plans, zone, wiring.now())
    jobs = {name: [job for found, job in due if found == name] for name in sources}
    unended = {name for (name, _), reason in due.items() if reason is Due.UNENDED}
    unended -= {name for (name, _), reason in due.items() if reason is Due.TIME}
    work = {name: found for name, found in jobs.items() if found}
    codes = collect_each(app, [sources[name] for name in work], dry_run=dry_run, jobs=work, unended=unended)
    codes += [_write(app, key, keyed[key], hush=key in unended) for key, _ in due if key in keyed]
    if not dry_run:
        follow_actions(app)
        notify(app)
    return exit_code(codes)


def _write(app: App, key: str, report: Report, *, hush: bool) -> int:
    """Write one report and tell how it went; its exit code."""
    try:
        ended = service.run_report(app.sessions, app.actor(), key, lambda: _hand_out(app, key, report), wiring.now)
    except DevregError as error:
        if hush and isinstance(error, AlreadyRunning):
            return 0
        note(f"{key}: {app.t.told(error)}")
        return 3 if isinstance(error, AlreadyRunning) else 4 if isinstance(error, DatabaseUnavailable) else 1
    say(f"{run_ref(ended.run_id)} {key}: {app.t(label(ended.verdict))}")
    return tell(app.t, ended)


def _hand_out(app: App, key: str, report: Report) -> Sequence[str]:
    """Write the report, and mail it to those who get it so; the run's warnings.

    A mail that nobody got fails the run, which is then tried again. One that some got does not: they would get it at every try.
    """
    files = _make(app, report)
    mail = app.loaded.settings.notify.mail
    if not report.mail or mail is None:
        return ()
    now = wiring.now()
    t = app.t
    text = "\n".join((*_gist(app, report), "", t("Attached: {files}", files=", ".join(file.name for file in files))))
    ident = f"devreg.{key.replace(':', '.')}.{now:%Y%m%d%H%M%S}"
    message = Message(ident, now, f"{t(_TITLES[report.report])} {t.date(now)}", text, {}, files)
    complaint = Post(mail, app.loaded.folder, report.mail).carry(message)
    return () if complaint is None else (complaint,)


def _gist(app: App, report: Report) -> list[str]:
    """What the first page says in sentences."""
    if report.report != "equality":
        return []
    assessment = equality.measure(app.sessions, app.loaded.settings.equality, wiring.now())
    return sentences(assessment, app.t)


def _make(app: App, report: Report) -> list[Path]:
    out, language = report_path(app, report, wiring.now()), report.lang or app.t.language
    if report.report == "inventory":
        write_inventory(app, out, language)
        return [out]
    return _WRITERS[report.report](app, out, language)


def report_path(app: App, report: Report, now: datetime) -> Path:
    """Where it is written on the day."""
    day = now.astimezone(ZoneInfo(app.loaded.settings.registry.timezone)).date()
    return app.loaded.folder / report.out.replace("{date}", day.isoformat())
