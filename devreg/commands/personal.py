"""db purge-names, extract: what the register holds on persons, let go and told."""

import os
from pathlib import Path
from typing import Any

import orjson

from devreg import wiring
from devreg.errors import Misconfigured
from devreg.services import extract as service
from devreg.services import forgetting
from devreg.terminal import note, say


def extract(config: Path | None, who: str, out: Path, reason: str | None) -> None:
    """Write all that is held on one person to a file that only its owner can read."""
    app = wiring.open_app(config)
    rows = service.extract(
        app.sessions, app.actor(), who, out.name, lambda held: _write(out, held), wiring.now(), reason
    )
    say(app.t.many("{n} row written to {path}.", "{n} rows written to {path}.", rows, path=out))


def _write(out: Path, held: dict[str, Any]) -> None:
    from exports import files  # only here: who takes nothing out need not load what writes files

    with (
        files.replacing(out) as part,
        os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
    ):
        file.write(orjson.dumps(held, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def purge_names(config: Path | None, reason: str | None) -> None:
    """Put numbers in place of holders whose time is over by the settings."""
    app = wiring.open_app(config)
    months = app.loaded.settings.privacy.holder_months
    if months is None:
        raise Misconfigured(
            "The settings keep holders' names for ever.", next_step="Set [privacy] holder_months, such as 24."
        )
    done = forgetting.purge_names(app.sessions, app.actor(), months, reason, wiring.now())
    t = app.t
    if not done.persons and not done.accounts:
        say(t("No names are older than the settings keep them."))
    if done.persons:
        devices = t.many("{n} device", "{n} devices", done.devices)
        say(
            t.many(
                "{n} person is a number now in the history of {devices}.",
                "{n} persons are numbers now in the history of {devices}.",
                done.persons,
                devices=devices,
            )
        )
    if done.accounts:
        say(t.many("{n} closed account removed.", "{n} closed accounts removed.", done.accounts))
    if done.still_named:
        note(
            t.many(
                "{n} more person stays: a source still names them. Mend it there.",
                "{n} more persons stay: a source still names them. Mend it there.",
                done.still_named,
            )
        )
