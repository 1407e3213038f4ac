"""A PostgreSQL register copied with pg_dump while others write, and put into an empty database with pg_restore.

No password stands on a command line: libpq finds it where it finds ours (~/.pgpass, PGPASSWORD, a certificate).
"""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from devreg.errors import Broken, DatabaseUnavailable, Misconfigured
from devreg.i18n import N_
from devreg.store import grants, migrate
from devreg.store.backup import TRAIL, Copy, Rows, count_rows, demand_equal, demand_ours, first_broken, is_empty
from devreg.store.engine import Sessions, at_server, told_plainly

_MAGIC: Final = b"PGDMP"
_COPY: Final = re.compile(rb'COPY "?([^".]+)"?\."?([^".]+)"? \(')
_READ: Final = (N_("the archive, read to its end"), N_("row counts"))
_RESTORED: Final = N_("restored once into a scratch database")
_RESTORE: Final = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl")
"""All or nothing, owned by whoever restores; rights are given anew, since another server has other users."""


def is_copy(path: Path) -> bool:
    """Whether the file is an archive of pg_dump."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def back_up(sessions: Sessions, part: Path, folder: Path | None) -> Copy:
    """The register as it is now, in the file `part`; looked at, and restored for a try where the user may make databases.

    `folder` holds pg_dump; None: on PATH or where systems put it. Raises Broken when the copy is not what was copied.
    """
    with told_plainly("back it up"), sessions.read.begin() as session:
        server, snapshot = session.execute(
            text("SELECT current_setting('server_version_num')::int / 10000, pg_export_snapshot()")
        ).one()
        may_create = session.execute(
            text("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar()
        rows = count_rows(session)  # of the moment that pg_dump is told to copy
        command = (str(_tool("pg_dump", server, folder)), "--format=custom", f"--snapshot={snapshot}", f"--file={part}")
        _run(*command, url=sessions.engine.url)
    copy = examine(part, server, folder)
    demand_equal(part, rows, copy.rows)
    return _tried_out(sessions, copy, part, server, folder) if may_create else copy


def examine(path: Path, server: int, folder: Path | None) -> Copy:
    """What the archive holds. Raises Broken when it is damaged or no register, DatabaseUnavailable when a newer program made it."""
    tool = _tool("pg_restore", server, folder)
    rows, version = _read_through(tool, path)
    schema = demand_ours(path, migrate.Schema(version, migrate.head()), rows)
    return Copy(schema, rows, path.stat().st_size, _READ)


def version_of(sessions: Sessions) -> int:
    """The server's major version."""
    with told_plainly("look at the register"), sessions.read.begin() as session:
        return int(session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def held(sessions: Sessions) -> Rows:
    """What is in the database now."""
    with told_plainly("look at the register"), sessions.read.begin() as session:
        return count_rows(session)


def restore(sessions: Sessions, path: Path, copy: Copy, folder: Path | None) -> None:
    """Put the archive into the database, which must hold nothing; all of it or nothing. Raises Broken when it came out otherwise."""
    there = held(sessions)
    if not is_empty(there):
        raise DatabaseUnavailable(
            "The database holds something; on PostgreSQL a backup is restored into an empty one.",
            next_step="Create a new database, name it in registry.database, and restore into it.",
        )
    sessions.close()
    clean = ("--clean", "--if-exists") if there else ()
    _run(str(_tool("pg_restore", version_of(sessions), folder)), *_RESTORE, *clean, str(path), url=sessions.engine.url)
    with told_plainly("look at the register"), sessions.read.begin() as session:
        demand_equal(path, copy.rows, count_rows(session))
    with told_plainly("give each role its grants"), sessions.engine.begin() as connection:
        grants.renew(connection)


def _tried_out(sessions: Sessions, copy: Copy, part: Path, server: int, folder: Path | None) -> Copy:
    """The copy restored once, if the server gives a place for it. Raises Broken when it can't be restored."""
    with _scratch(sessions) as scratch:
        if scratch is None:
            return copy
        try:
            _run(str(_tool("pg_restore", server, folder)), *_RESTORE, str(part), url=scratch.engine.url)
        except DatabaseUnavailable as error:
            raise Broken(f"The backup can't be restored: {error.what}", next_step=error.next_step) from error
        with told_plainly("look at a backup"), scratch.read.begin() as session:
            demand_equal(part, copy.rows, count_rows(session))
            broken = first_broken(session)
    return msgspec.structs.replace(copy, checks=(*copy.checks, _RESTORED, TRAIL), broken_row=broken)


@contextmanager
def _scratch(sessions: Sessions) -> Iterator[Sessions | None]:
    """A database that lasts as long as the body; None when the server lets us make or reach none."""
    name = f"devreg_check_{secrets.token_hex(4)}"
    scratch = at_server(sessions.engine.url.set(database=name))
    try:
        _administer(sessions, f"CREATE DATABASE {name} TEMPLATE template0")
        with scratch.read.begin():
            reached = True
    except DBAPIError:
        reached = False
    try:
        yield scratch if reached else None
    finally:
        scratch.close()
        _administer(sessions, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _administer(sessions: Sessions, statement: str) -> None:
    with sessions.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))


def _read_through(tool: Path, path: Path) -> tuple[Rows, str | None]:
    """Rows of every table of the register's own schema, and the version of its tables: counted in the archive itself."""
    rows: Rows = {}
    table, version = None, None
    command = [str(tool), "--data-only", "--file=-", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(None)) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101  as asked for
        assert process.stderr is not None  # noqa: S101
        for line in process.stdout:
            if table is None:
                found = _COPY.match(line)
                if found is not None:
                    table = found[2].decode()
                    rows[table] = 0
            elif line == b"\\.\n":
                table = None
            else:
                rows[table] += 1
                version = line.decode().strip() if table == "alembic_version" else version
        said = process.stderr.read().decode(errors="replace")
    if process.returncode != 0 or table is not None:
        damage = _cause(said)
        raise Broken(f"{path} is damaged: {damage}.")
    return rows, version


def _tool(name: str, server: int, folder: Path | None) -> Path:
    """The oldest program of the name that is not older than the server. Raises Misconfigured naming what there is."""
    places = [str(folder)] if folder is not None else [*_on_path(name), *_installed(name)]
    found = {_version(path): path for place in places if (path := shutil.which(name, path=place)) is not None}
    fitting = [version for version in sorted(found) if version >= server]
    if not fitting:
        there = ", ".join(str(version) for version in sorted(found) if version) or N_("no such program")
        raise Misconfigured(
            f"The server is PostgreSQL {server}; it needs {name} of that version or later. Found: {there}.",
            next_step="Install PostgreSQL's client programs, or name their folder in tools.postgresql.",
        )
    return Path(found[fitting[0]])


def _on_path(name: str) -> list[str]:
    return [place for place in os.get_exec_path() if (Path(place) / name).exists() or os.name == "nt"]


def _installed(name: str) -> list[str]:
    """Folders where Debian, Red Hat and Homebrew put several versions side by side."""
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
    return [str(place) for pattern in patterns for place in Path("/").glob(pattern) if (place / name).exists()]


def _version(path: str) -> int:
    """Its major version; 0 when it can't say."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", said.stdout)
    return int(found[1]) if found else 0


def _run(tool: str, *arguments: str, url: URL) -> None:
    command = [tool, *arguments, "--no-password", f"--dbname={_conninfo(url)}"]
    done = subprocess.run(command, capture_output=True, env=_environment(url), check=False)  # noqa: S603
    if done.returncode != 0:
        cause = _cause(done.stderr.decode(errors="replace"))
        raise DatabaseUnavailable(f"{Path(tool).name} could not do it: {cause}.")


def _cause(said: str) -> str:
    lines = [line.partition("error: ")[2] for line in said.splitlines() if "error: " in line]
    return (lines or said.strip().splitlines() or [N_("it ended without a word")])[0].rstrip(".")


def _environment(url: URL | None) -> dict[str, str]:
    """Ours, in English, with the password where only we can read it."""
    password = {"PGPASSWORD": str(url.password)} if url is not None and url.password else {}
    return {**os.environ, "LC_ALL": "C", **password}


def _conninfo(url: URL) -> str:
    """The address as libpq writes it, without the password."""
    named = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    for name, value in url.query.items():
        named[name] = value if isinstance(value, str) else ",".join(value)
    quoted = {name: str(value).replace("\\", "\\\\").replace("'", "\\'") for name, value in named.items() if value}
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())
