"""schedule print: units, crontab and task for this register, on stdout; nothing is installed."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from devreg import wiring
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.secret import SecretRef
from devreg.services import timers
from devreg.services.timers import Work
from devreg.store.engine import sqlite_path
from devreg.terminal import note
from devreg.wiring import App

_DEFAULT_USER = "devreg"


def print_schedule(config: Path | None, kind: str, user: str | None, only: str | None) -> None:
    """Print what makes the operating system run `collect --due`."""
    app = wiring.open_app(config, need_schema=False)
    work = _work(app, kind, user)
    match kind:
        case "systemd":
            files = timers.systemd(work)
            if only is not None and only not in files:
                raise Misconfigured(f"There is no unit {only!r}.", next_step=f"There are: {', '.join(files)}.")
            _print(
                files[only]
                if only
                else "\n".join(f"# /etc/systemd/system/{name}\n{text}" for name, text in files.items())
            )
        case "cron":
            _print(timers.cron(work))
        case "windows":
            _print(timers.windows(work))
        case _:
            raise Misconfigured(f"There is no schedule for {kind!r}.", next_step="There are: systemd, cron, windows.")
    for advice in _advice(app, work, kind):
        note(app.t(advice))


def _print(text: str) -> None:
    sys.stdout.write(text)


def _work(app: App, kind: str, user: str | None) -> Work:
    settings, folder = app.loaded.settings, app.loaded.folder.resolve()
    database = sqlite_path(settings.registry.database, folder)
    outside = app.sessions.outside
    files = [*(folder / report.out for report in settings.reports.values()), *outside.anchors]
    files += [outside.file] if outside.file else []
    writes = tuple(dict.fromkeys(path.parent.resolve() for path in files))
    if user is None and kind == "systemd" and (database or writes):
        user = _owner(database)
    secrets = {str(found): found for found in _secrets([[s.options for s in app.sources.values()], settings])}
    spans = [source.options.budget for source in app.sources.values()]
    return Work(
        command=(*_program(), "collect", "--due", "--config", str(folder / app.loaded.path.name)),
        folder=folder,
        user=user,
        database=database.resolve() if database else None,
        writes=writes,
        secrets=tuple(secrets.values()),
        longest=sum(spans, timedelta(minutes=30)),
    )


def _program() -> tuple[str, ...]:
    """The installed command, else this Python with the package."""
    name = "devreg.exe" if sys.platform == "win32" else "devreg"
    command = Path(sys.executable).parent / name
    return (str(command),) if command.exists() else (sys.executable, "-m", "devreg")


def _owner(database: Path | None) -> str:
    """Whose the register's file is."""
    try:
        return database.owner() if database else _DEFAULT_USER
    except (OSError, KeyError, NotImplementedError):  # not there yet; a user without a name; Windows
        return _DEFAULT_USER


def _secrets(thing: Any) -> Iterator[SecretRef]:
    """Every reference to a secret within settings."""
    if isinstance(thing, SecretRef):
        yield thing
    elif isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from _secrets(getattr(thing, name))
    elif isinstance(thing, Mapping):
        yield from _secrets(list(thing.values()))
    elif isinstance(thing, Iterable) and not isinstance(thing, str | bytes):
        for item in thing:
            yield from _secrets(item)


def _advice(app: App, work: Work, kind: str) -> Iterator[str]:
    """What has to be seen to by hand, on stderr."""
    if kind == "systemd" and work.user == "root":
        yield N_("The register belongs to root. Give it to a user of its own, and name that with --user.")
    if any(secret.env for secret in work.secrets):
        yield N_("Secrets in environment variables are not there when a timer runs: keep them in files or credentials.")
    if any(secret.keyring for secret in work.secrets):
        yield N_("A keyring is locked while nobody is signed in: keep secrets in files or credentials.")
    if kind == "windows" and sys.platform != "win32":
        yield N_("Printed on another system than Windows: the paths are this machine's.")
    plans = [plan for source in app.sources.values() for plan in source.options.schedules.values()]
    plans += [report.schedule for report in app.loaded.settings.reports.values()]
    if not any(plan.every or plan.cron for plan in plans):
        yield N_("Nothing in the settings has every or cron: the timer will find nothing due.")
