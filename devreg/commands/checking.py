"""check: whether everything works, for people and for monitoring."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel

from devreg import wiring
from devreg.action_options import IntuneActions
from devreg.action_ports import Ask
from devreg.errors import DatabaseUnavailable, DevregError
from devreg.i18n import N_, Catalogue
from devreg.ports import Finding, Severity
from devreg.services import contract_watch, doctor, health, readiness
from devreg.services.carriers import carriers
from devreg.services.notify import trial
from devreg.terminal import note, say
from devreg.wiring import App, Source


def check(config: Path | None, names: Sequence[str], form: str, *, notify: bool) -> int:
    """Findings about the machine, the register and each source; 1 when one of them is a fault."""
    app = wiring.open_app(config, need_schema=False)
    findings = [("devreg", finding) for finding in _of_the_machine(app, notify=notify)]
    for source in app.named(names):
        findings.extend((source.name, finding) for finding in _examined(app, source))
    if form == "json":
        keys = ("severity", "what", "next_step")
        rows = [{"about": about, **{key: str(getattr(finding, key)) for key in keys}} for about, finding in findings]
        say(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        for about, finding in findings:
            say(f"{_sign(app.t, finding.severity)} {about}: {app.t.said(finding.what.removeprefix(f'{about}: '))}")
            if finding.next_step:
                say(f"    {app.t.said(finding.next_step)}")
    return 1 if any(finding.severity is Severity.FAULT for _, finding in findings) else 0


_SIGNS: Final = {Severity.OK: ("✓", N_("ok")), Severity.ADVICE: ("•", N_("advice")), Severity.FAULT: ("✗", N_("fault"))}


def _sign(t: Catalogue, severity: Severity) -> str:
    """`✗ fault `: all as wide as the widest."""
    sign, word = _SIGNS[severity]
    return f"{sign} {t(word):<{max(len(t(each)) for _, each in _SIGNS.values())}}"


def _examined(app: App, source: Source) -> Iterable[Finding]:
    try:
        yield from source.collector(app.loaded).check()
    except DevregError as error:
        yield Finding(Severity.FAULT, error.what, error.next_step)
    if source.name in app.actions:
        yield from wiring.sender(app, source.name, Ask(None, note)).check()
    zone = ZoneInfo(app.loaded.settings.registry.timezone)
    yield from health.of_source(app.sessions, source.name, source.options.schedules, zone, wiring.now())


def _of_the_machine(app: App, *, notify: bool) -> Iterator[Finding]:
    settings, folder = app.loaded.settings, app.loaded.folder
    yield from doctor.examine(app.loaded, app.sessions, wiring.now())
    named: dict[str, BaseModel] = {f"sources.{name}": source.options for name, source in app.sources.items()}
    named |= {f"snmp.{name}": options for name, options in settings.snmp.items()}
    named |= {f"actions.{name}": options for name, options in app.actions.items()}
    yield from health.of_secrets({**named, "notify": settings.notify})
    with suppress(DatabaseUnavailable):  # said of the register itself
        wiring.reckon(app)
    yield from contract_watch.findings(app.sessions, settings.contracts.warn_days, wiring.now())
    if app.actions:
        in_person = any(isinstance(options, IntuneActions) for options in app.actions.values())
        with suppress(DatabaseUnavailable):  # as above
            yield from readiness.findings(app.sessions, settings.operators, by_own_sign_in=in_person)
    ways = carriers(settings.notify, folder)
    yield from health.of_notices(app.sessions, ways, wiring.now())
    if notify:
        yield from health.of_trial(list(trial(ways, app.t, wiring.now)))
