"""Having lists go by today and by these settings, before anybody reads one."""

from devreg import wiring
from devreg.terminal import note
from devreg.wiring import App


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
