"""init, db: the settings file and the database."""

import os
from pathlib import Path

from devreg import config_file, wiring
from devreg.errors import Misconfigured
from devreg.sample import sample_toml
from devreg.store import migrate
from devreg.terminal import say


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
