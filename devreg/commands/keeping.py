"""init, db, backup, restore: the settings file, the database, and copies of it."""

import os
from pathlib import Path

from devreg import config_file, wiring
from devreg.domain.rights import Right
from devreg.errors import Misconfigured
from devreg.sample import sample_toml
from devreg.services import keeping as service
from devreg.services import renaming
from devreg.services.acting import demand
from devreg.store import migrate
from devreg.store.backup import Copy
from devreg.terminal import note, say
from devreg.wiring import App


def init(folder: Path) -> None:
    """Write the sample settings and make the database; keeps a file that is there, and says so."""
    path = folder / config_file.FILE_NAME
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(sample_toml())
        was_there = False
    except FileExistsError as error:
        if not path.is_file():
            raise Misconfigured(f"{error.filename} is there already, and is no folder.") from error
        was_there = True
    except OSError as error:
        raise Misconfigured(f"{path} can't be written: {error.strerror}.") from error
    app = wiring.open_app(path, need_schema=False)
    t = app.t
    say(t("{path} is there already; kept as it is.", path=path) if was_there else t("Wrote {path}.", path=path))
    schema = migrate.upgrade(app.sessions)
    address = app.sessions.engine.url.render_as_string(hide_password=True)
    say(t("The register is at {address}, schema {schema}.", address=address, schema=schema.current))
    say(t("Next: fill in the sources in {path}, then `devreg check` and `devreg collect`.", path=path))


def upgrade(config: Path | None) -> None:
    """Bring the database to this program's schema."""
    app = wiring.open_app(config, need_schema=False)
    if app.sessions.is_sqlite:  # PostgreSQL itself knows who owns the tables
        demand(app.actor(), Right.KEEP)  # no row: there may be no trail yet to write it into
    before = migrate.status(app.sessions)
    after = migrate.upgrade(app.sessions)
    if before == after:
        say(app.t("Schema {schema}: nothing to do.", schema=after.current))
    else:
        say(app.t("Schema {before} → {after}.", before=before.current or "–", after=after.current))


def status(config: Path | None) -> int:
    """0 when the schema is this program's, else 1."""
    app = wiring.open_app(config, need_schema=False)
    t, schema = app.t, migrate.status(app.sessions)
    say(t("The database has schema {has}; this program needs {needs}.", has=schema.current or "–", needs=schema.head))
    if not schema.is_current:
        say(t("Run `devreg db upgrade`."))
    return 0 if schema.is_current else 1


def back_up(config: Path | None, file: Path) -> int:
    """A verified copy of the register in a new file; tells what was verified. 1 when the audit trail can't be believed."""
    app = wiring.open_app(config)
    copy = service.back_up(app.sessions, file, actor=app.actor(), now=wiring.now(), tools=_tools(app))
    say(app.t("Backed up to {file}.", file=file))
    return _tell(app, copy)


def restore(config: Path | None, file: Path, *, replace: bool) -> int:
    """Put a backup into the database of the settings; tells where what was there is kept. Ends like `back_up`."""
    app = wiring.open_app(config, need_schema=False)
    t = app.t
    restored = service.restore(
        app.sessions,
        file,
        actor=app.actor(),
        now=wiring.now(),
        sources=app.sources,
        replace=replace,
        tools=_tools(app),
    )
    say(t("Restored {file}.", file=file))
    code = _tell(app, restored.copy)
    if restored.kept is not None:
        say(t("What was there before is kept in {file}.", file=restored.kept))
    say(t("Next: `devreg collect`.") if restored.is_current else t("Next: `devreg db upgrade`, then `devreg collect`."))
    return code


def rename_source(config: Path | None, old: str, new: str) -> None:
    """Give a source another name, and say what the settings must say."""
    app = wiring.open_app(config)
    t = app.t
    renamed = renaming.rename_source(app.sessions, old, new, actor=app.actor(), now=wiring.now())
    records = t.many("{n} record", "{n} records", renamed.records)
    say(t("{old} is now {new}: {records}. The history keeps the old name.", old=old, new=new, records=records))
    if new not in app.sources:
        path = app.loaded.path
        note(t("Call it {new} in {path} too: else the next run reads {old} anew.", new=new, old=old, path=path))


def _tools(app: App) -> Path | None:
    folder = app.loaded.settings.tools.postgresql
    return None if folder is None else app.loaded.folder / folder


def _tell(app: App, copy: Copy) -> int:
    t = app.t
    devices = t.many("{n} device", "{n} devices", copy.rows["device"])
    size = t("{n} MB", n=t.number(copy.size / 1e6, 1))
    say(t("{devices}, {size}, schema {schema}.", devices=devices, size=size, schema=copy.schema))
    say(t("Verified: {checks}.", checks=", ".join(t(check) for check in copy.checks)))
    if copy.broken_row is None:
        return 0
    note(
        t("The audit trail can't be believed from row {row} on: `devreg audit verify` tells more.", row=copy.broken_row)
    )
    return 1
