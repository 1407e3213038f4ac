"""operator: who may do what."""

from pathlib import Path

from devreg import wiring
from devreg.commands.looking import print_rows
from devreg.domain.rights import Role
from devreg.domain.words import label
from devreg.errors import Misconfigured
from devreg.i18n import N_
from devreg.ports import Column, ColumnType
from devreg.services import operating as service
from devreg.terminal import note, say

_COLUMNS = (
    Column("name", N_("Name"), ColumnType.TEXT, 20),
    Column("role", N_("Role"), ColumnType.WORD, 12),
    Column("entra", N_("Name in Entra"), ColumnType.TEXT, 30),
    Column("since", N_("Since"), ColumnType.DATETIME, 16),
)


def add(config: Path | None, name: str, role: str, entra: str | None) -> None:
    """Give a database user a role."""
    if role not in set(Role):
        raise Misconfigured(f"There is no role {role!r}.", next_step=f"There are: {', '.join(Role)}.")
    app = wiring.open_app(config)
    value = f'{{ role = "{role}", entra = "{entra}" }}' if entra else f'"{role}"'
    service.demand_postgresql(app.sessions, app.loaded.path, f'Write there: "{name}" = {value}')
    made = service.add(app.sessions, app.actor(), name, Role(role), entra, wiring.now())
    say(f"{name}: {app.t(label(role))}")
    if made:
        say(
            app.t(
                "A new database user, without a password: sign in by certificate or Kerberos, or set one in psql with \\password {name}.",
                name=name,
            )
        )


def remove(config: Path | None, name: str) -> None:
    """Take a database user's role away."""
    app = wiring.open_app(config)
    service.demand_postgresql(app.sessions, app.loaded.path, f'Take the line of "{name}" out there.')
    service.remove(app.sessions, app.actor(), name, wiring.now())
    say(app.t("{name} may do nothing here any more; what {name} did stays in the history.", name=name))


def list_(config: Path | None, form: str) -> None:
    """Print who has which role."""
    app = wiring.open_app(config)
    users = service.listed(app.sessions, app.loaded.settings.operators)
    if app.sessions.is_sqlite and app.loaded.settings.operators is None:
        note(
            app.t(
                "There is no [operators] in {path}: whoever can write the register may do everything.",
                path=app.loaded.path,
            )
        )
    print_rows(app.t, _COLUMNS, [{c.key: getattr(user, c.key) for c in _COLUMNS} for user in users], form)
