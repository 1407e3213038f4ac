"""What `devreg check` finds about how things go: sources on time, what fails now, notices on their way, room on the disk."""

import os
import shutil
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from devreg.domain.job import Job
from devreg.domain.schedule import Schedule, next_time
from devreg.errors import DatabaseUnavailable, DevregError
from devreg.i18n import N_
from devreg.ports import Finding, Severity
from devreg.secret import SecretRef
from devreg.services.carriers import Carrier
from devreg.settings import Loaded
from devreg.store import notices, runs
from devreg.store.engine import Sessions, sqlite_path, told_plainly

_MISSED: Final = 3
"""Times in a row that a source may miss before it is a fault: one outage of an hour is none."""
_ROOM_ADVICE: Final = 1 << 30
_ROOM_FAULT: Final = 100 << 20


def of_source(
    sessions: Sessions, name: str, schedules: Mapping[Job | None, Schedule], zone: ZoneInfo, now: datetime
) -> Iterator[Finding]:
    """When the source was last read whole, against its schedule; and what is wrong with it now."""
    try:
        with told_plainly("read the runs"), sessions.read.begin() as session:
            whole = runs.last_complete(session).get(name)
            troubles = [trouble for key, trouble in notices.lasting(session).items() if _is_of(key, name)]
    except DatabaseUnavailable:  # said of the register itself
        return
    for trouble in troubles:
        since = f"{trouble.since:%Y-%m-%d %H:%M} UTC"
        problem = trouble.problem
        yield Finding(Severity.FAULT, f"since {since}: {problem.what}", problem.next_step or "")
    plan = schedules.get(Job.INVENTORY) or schedules.get(None) or Schedule()
    if whole is None:
        yield Finding(Severity.ADVICE, N_("it was never read whole"), f"Run `devreg collect {name}`.")
    elif _is_late(plan, whole, zone, now):
        yield Finding(
            Severity.FAULT,
            f"it was last read whole on {whole:%Y-%m-%d}, later than its schedule allows",
            "Does the timer run `devreg collect --due`? `devreg list runs` shows what it did.",
        )
    else:
        yield Finding(Severity.OK, f"it was last read whole on {whole:%Y-%m-%d}")


def _is_of(key: str, name: str) -> bool:
    return key.removeprefix("source:").partition(" ")[0] == name and key.startswith("source:")


def _is_late(plan: Schedule, whole: datetime, zone: ZoneInfo, now: datetime) -> bool:
    if plan.every is not None:
        return now - whole > plan.every * _MISSED
    moment: datetime | None = whole
    for _ in range(_MISSED if plan.cron is not None else 0):
        moment = next_time(str(plan.cron), moment, zone) if moment is not None else None
    return plan.cron is not None and moment is not None and moment < now


def of_notices(sessions: Sessions, ways: Sequence[Carrier], now: datetime) -> Iterator[Finding]:
    """Whether somebody is told of failures, and whether it arrives."""
    if not ways:
        yield Finding(Severity.ADVICE, "nobody is told when a source fails", "Set [notify] mail or command.")
        return
    try:
        with told_plainly("read the notices"), sessions.read.begin() as session:
            known = {route.name: route for route in notices.routes(session)}
            waiting = {name: len(notices.waiting(session, route.sent_to)) for name, route in known.items()}
    except DatabaseUnavailable:
        return
    for way in ways:
        route = known.get(way.name)
        if route is None or (route.carried_at is None and not route.tries):
            yield Finding(
                Severity.OK, f"notices go by {way.name}; none was needed yet", "`devreg check --notify` sends a trial."
            )
        elif route.tries:
            yield Finding(
                Severity.FAULT,
                f"{waiting[way.name]} notices wait, tried by {way.name} {route.tries} times: {route.error or 'it was stopped'}",
                "Correct [notify]; they go by themselves then, or at the next `devreg collect`.",
            )
        elif route.error:
            yield Finding(Severity.ADVICE, route.error, "Correct [notify.mail] to.")
        else:
            yield Finding(Severity.OK, f"notices go by {way.name}, last on {route.carried_at or now:%Y-%m-%d}")


def of_trial(tried: Collection[tuple[str, DevregError | None]]) -> Iterator[Finding]:
    """What came of a trial message by each way."""
    if not tried:
        yield Finding(Severity.FAULT, "there is no way for a trial message", "Set [notify] mail or command.")
    for name, error in tried:
        if error is None:
            yield Finding(Severity.OK, f"a trial message went by {name}")
        else:
            yield Finding(Severity.FAULT, f"a trial message by {name}: {error.what}", error.next_step)


def of_files(loaded: Loaded) -> Iterator[Finding]:
    """Who else may change the settings or read the register, secrets in the environment, and room for more."""
    database = sqlite_path(loaded.settings.registry.database, loaded.folder)
    if os.name == "posix":
        if _mode(loaded.path) & (stat.S_IWGRP | stat.S_IWOTH):
            yield Finding(
                Severity.FAULT,
                f"{loaded.path} can be changed by others: they could send secrets elsewhere",
                f"Run `chmod go-w {loaded.path}`.",
            )
        if database is not None and _mode(database) & stat.S_IRWXO:
            yield Finding(Severity.ADVICE, f"{database} can be read by others", f"Run `chmod 600 {database}`.")
    if database is not None and database.exists():
        yield from _room(database)


def _mode(path: Path) -> int:
    return path.stat().st_mode if path.exists() else 0


def _room(database: Path) -> Iterator[Finding]:
    """A register needs room for itself once more: a backup beside it, a journal while it is written."""
    free, size = shutil.disk_usage(database.parent).free, database.stat().st_size
    said = f"{free >> 20} MiB are free where the register lies; it has {size >> 20} MiB"
    if free < _ROOM_FAULT:
        yield Finding(Severity.FAULT, said, "Make room: what can't be written is not collected.")
    elif free < max(_ROOM_ADVICE, 2 * size):
        yield Finding(Severity.ADVICE, said, "Make room before it runs out.")
    else:
        yield Finding(Severity.OK, said)


def of_secrets(named: Mapping[str, BaseModel]) -> Iterator[Finding]:
    """Secrets that stand in the environment, by where the settings name them."""
    for key, options in named.items():
        for where, secret in _secrets(key, options):
            if secret.env is not None:
                yield Finding(
                    Severity.ADVICE,
                    f"the secret {where} is in the environment variable {secret.env}, which every child process gets",
                    "Keep it in a file (0600), a systemd credential or the keyring.",
                )


def _secrets(key: str, value: object) -> Iterator[tuple[str, SecretRef]]:
    if isinstance(value, SecretRef):
        yield key, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(f"{key}.{name}", getattr(value, name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _secrets(f"{key}.{name}", inner)
