"""Having lists go by today and by these settings, before anybody reads one."""

from contextlib import suppress

from devreg import wiring
from devreg.domain.rights import Right
from devreg.errors import DatabaseUnavailable
from devreg.terminal import note
from devreg.wiring import App


def weigh(app: App) -> None:
    """Have the list of offers say what lies in stock now, where that is this person's to do."""
    from devreg.services import offering  # only who reads offers needs the equality rules

    if app.actor().may(Right.COLLECT):
        with suppress(DatabaseUnavailable):  # what was weighed before can still be looked at
            offering.weigh(app.sessions, app.loaded.settings.equality, wiring.now())


def follow(app: App) -> None:
    """Bring to today what lists go by; says so where that can't be done and they go by other settings."""
    if not wiring.reckon(app):
        note(
            app.t(
                "Lists go by the settings and the day of somebody before, not by {file} and today: that changes when the register "
                "can be written and somebody who may collect reads a list.",
                file=app.loaded.path,
            )
        )
