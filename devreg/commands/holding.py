"""assign: who has a device."""

from pathlib import Path

from devreg import wiring
from devreg.commands.editing import say_edited
from devreg.services import custody
from devreg.services.browse import Browser


def assign(
    config: Path | None, device: str, *, person: str | None, unit: str | None, nobody: bool, reason: str | None
) -> None:
    """Hand a device over and print each field as it was and as it is."""
    custody.demand_one(person=person, unit=unit, nobody=nobody)
    app = wiring.open_app(config)
    browser = Browser(app.sessions, app.t.language)
    edited = custody.assign(
        app.sessions, app.actor(), browser.find(device), person=person, unit=unit, reason=reason, now=wiring.now()
    )
    say_edited(app.t, browser, edited)
